import { RmmGptEntry } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import type { GranuleTable } from './granules.js';
import { GRANULE, type PhysicalMemory } from './memory.js';
import type { MachineObserver } from './observer.js';

/** The Host touched memory that the GPT does not let it touch (A2.2.3.1). */
export class GranuleProtectionFault extends Error {
  override readonly name = 'GranuleProtectionFault';
  /** Physical address, in bytes. */
  readonly address: number;

  constructor(address: number) {
    super(`the Host may not access physical address 0x${address.toString(16)}`);
    this.address = address;
  }
}

/** A physical address, in bytes. */
export type Address = bigint | number;

const numberOf = (address: Address): number => (typeof address === 'bigint' ? Number(address) : address);

function sizeOf(bytes: number): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw new TypeError(`expected a number of bytes, got ${String(bytes)}`);
  return bytes;
}

/** The Granule that an access lies in. */
function granuleOf(address: number, bytes: number): number {
  if (!Number.isSafeInteger(address) || address < 0)
    throw new TypeError(`expected a physical address in bytes, got ${String(address)}`);
  const granule = address - (address % GRANULE);
  if (address + bytes > granule + GRANULE)
    throw new RangeError(`${bytes} bytes at 0x${address.toString(16)} cross a Granule boundary`);
  return granule;
}

/**
 * Physical memory as a debugger on the side of the RMM sees it: little-endian bytes, and no GPT in the way. Addresses
 * and sizes are in bytes. It is for tools and tests; a Host has a `HostBus`.
 *
 * @throws TypeError for what is no address, RangeError where there is no memory and for an access that crosses a
 * Granule boundary
 */
export class PhysicalBus {
  readonly #memory: PhysicalMemory;
  protected readonly granules: GranuleTable;
  readonly #observer: MachineObserver | undefined;

  constructor(memory: PhysicalMemory, granules: GranuleTable, observer?: MachineObserver) {
    this.#memory = memory;
    this.granules = granules;
    this.#observer = observer;
  }

  /** The Granule that some bytes lie in, if they may be accessed. */
  protected granule(address: number, bytes: number): number {
    const granule = granuleOf(address, bytes);
    if (!this.granules.exists(granule))
      throw new RangeError(`there is no memory at 0x${address.toString(16)}`);
    return granule;
  }

  #bytes(granule: number, address: number, size: number): Uint8Array {
    return this.#memory.memoryAt(granule).bytes(this.#memory.offsetAt(granule) + (address - granule), size);
  }

  read64(where: Address): bigint {
    const address = numberOf(where);
    const granule = this.granule(address, 8);
    const value = this.#memory
      .memoryAt(granule)
      .readU64(this.#memory.offsetAt(granule) + (address - granule));
    this.#observer?.read(address, this.#bytes(granule, address, 8));
    return value;
  }

  write64(where: Address, value: bigint): void {
    const address = numberOf(where);
    const granule = this.granule(address, 8);
    this.#memory.memoryAt(granule).writeU64(this.#memory.offsetAt(granule) + (address - granule), value);
    this.#observer?.wrote(address, this.#bytes(granule, address, 8));
  }

  read8(where: Address): number {
    const address = numberOf(where);
    const granule = this.granule(address, 1);
    const value = this.#memory.memoryAt(granule).readU8(this.#memory.offsetAt(granule) + (address - granule));
    this.#observer?.read(address, this.#bytes(granule, address, 1));
    return value;
  }

  write8(where: Address, value: number): void {
    const address = numberOf(where);
    const granule = this.granule(address, 1);
    this.#memory.memoryAt(granule).writeU8(this.#memory.offsetAt(granule) + (address - granule), value);
    this.#observer?.wrote(address, this.#bytes(granule, address, 1));
  }

  /** A copy of some bytes. */
  read(where: Address, size: number): Uint8Array {
    const address = numberOf(where);
    granuleOf(address, 0);
    const bytes = new Uint8Array(sizeOf(size));
    for (let done = 0; done < size; ) {
      const at = address + done;
      const part = Math.min(size - done, GRANULE - (at % GRANULE));
      bytes.set(this.#bytes(this.granule(at, part), at, part), done);
      done += part;
    }
    this.#observer?.read(address, bytes);
    return bytes;
  }

  /** Writes all of the bytes or, where one of them may not be accessed, none. */
  write(where: Address, bytes: Uint8Array): void {
    // Not `instanceof`: it may be an array of another frame.
    if (!ArrayBuffer.isView(bytes) || bytes.BYTES_PER_ELEMENT !== 1)
      throw new TypeError(`expected a Uint8Array, got ${String(bytes)}`);
    const address = numberOf(where);
    granuleOf(address, 0);
    for (let at = address - (address % GRANULE); at < address + bytes.length; at += GRANULE)
      this.granule(at, GRANULE);
    for (let done = 0; done < bytes.length; ) {
      const at = address + done;
      const part = Math.min(bytes.length - done, GRANULE - (at % GRANULE));
      this.#bytes(at - (at % GRANULE), at, part).set(bytes.subarray(done, done + part));
      done += part;
    }
    this.#observer?.wrote(address, bytes);
  }

  /** Fills a range with a byte. */
  fill(where: Address, size: number, byte: number): void {
    this.write(where, new Uint8Array(sizeOf(size)).fill(byte));
  }
}

/**
 * Physical memory as the Host sees it: a fault where the GPT forbids the access, and then nothing is written.
 *
 * @throws GranuleProtectionFault; TypeError for what is no address, RangeError for an access that crosses a Granule
 * boundary
 */
export class HostBus extends PhysicalBus {
  protected override granule(address: number, bytes: number): number {
    const granule = granuleOf(address, bytes);
    const gpt = this.granules.at(granule)?.gpt;
    if (gpt !== RmmGptEntry.GPT_NS && gpt !== RmmGptEntry.GPT_AAP) throw new GranuleProtectionFault(address);
    return granule;
  }
}
