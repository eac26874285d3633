import { RmmGptEntry } from '../../generated/rmm-1.0-rel0/conditions/types.js';
import type { GranuleTable } from './granules.js';
import { GRANULE, type PhysicalMemory } from './memory.js';

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

/** Physical memory as the Host sees it: little-endian bytes, and a fault where the GPT forbids the access. */
export class HostBus {
  readonly #memory: PhysicalMemory;
  readonly #granules: GranuleTable;

  constructor(memory: PhysicalMemory, granules: GranuleTable) {
    this.#memory = memory;
    this.#granules = granules;
  }

  #granule(address: number, bytes: number): number {
    if (!Number.isSafeInteger(address) || address < 0)
      throw new TypeError(`expected a physical address in bytes, got ${address}`);
    const granule = address - (address % GRANULE);
    if (address + bytes > granule + GRANULE)
      throw new RangeError(`${bytes} bytes at 0x${address.toString(16)} cross a Granule boundary`);
    const gpt = this.#granules.at(granule)?.gpt;
    if (gpt !== RmmGptEntry.GPT_NS && gpt !== RmmGptEntry.GPT_AAP) throw new GranuleProtectionFault(address);
    return granule;
  }

  /** @throws GranuleProtectionFault */
  read64(address: number): bigint {
    const granule = this.#granule(address, 8);
    return this.#memory.memoryAt(granule).readU64(this.#memory.offsetAt(granule) + (address - granule));
  }

  /** @throws GranuleProtectionFault */
  write64(address: number, value: bigint): void {
    const granule = this.#granule(address, 8);
    this.#memory.memoryAt(granule).writeU64(this.#memory.offsetAt(granule) + (address - granule), value);
  }

  /** @throws GranuleProtectionFault */
  read8(address: number): number {
    const granule = this.#granule(address, 1);
    return this.#memory.memoryAt(granule).readU8(this.#memory.offsetAt(granule) + (address - granule));
  }

  /** @throws GranuleProtectionFault */
  write8(address: number, value: number): void {
    const granule = this.#granule(address, 1);
    this.#memory.memoryAt(granule).writeU8(this.#memory.offsetAt(granule) + (address - granule), value);
  }

  /** A copy of some bytes. @throws GranuleProtectionFault */
  read(address: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    for (let done = 0; done < size; ) {
      const at = address + done;
      const part = Math.min(size - done, GRANULE - (at % GRANULE));
      const granule = this.#granule(at, part);
      bytes.set(
        this.#memory.memoryAt(granule).bytes(this.#memory.offsetAt(granule) + (at - granule), part),
        done,
      );
      done += part;
    }
    return bytes;
  }

  /** @throws GranuleProtectionFault before anything is written */
  write(address: number, bytes: Uint8Array): void {
    for (let at = address - (address % GRANULE); at < address + bytes.length; at += GRANULE)
      this.#granule(at, GRANULE);
    for (let done = 0; done < bytes.length; ) {
      const at = address + done;
      const part = Math.min(bytes.length - done, GRANULE - (at % GRANULE));
      const granule = at - (at % GRANULE);
      this.#memory
        .memoryAt(granule)
        .bytes(this.#memory.offsetAt(granule) + (at - granule), part)
        .set(bytes.subarray(done, done + part));
      done += part;
    }
  }

  /** Fills a range with a byte. @throws GranuleProtectionFault */
  fill(address: number, size: number, byte: number): void {
    this.write(address, new Uint8Array(size).fill(byte));
  }
}
