import {
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_FEATURES,
  RSI_HOST_CALL,
  RSI_IPA_STATE_GET,
  RSI_IPA_STATE_SET,
  RSI_MEASUREMENT_EXTEND,
  RSI_MEASUREMENT_READ,
  RSI_REALM_CONFIG,
  RSI_VERSION,
  RsiCommandReturnCode,
  RsiHostCall,
  RsiRealmConfig,
  type RsiRipas,
  type RsiRipasChangeDestroyed,
} from '../../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate, type Command, Memory } from '../../bits/index.js';
import { GRANULE } from '../memory.js';
import type { Caller, Run, Word } from './run.js';

/** A call of the Realm that the program did not expect to fail has failed. */
export class RealmCallError extends Error {
  override readonly name = 'RealmCallError';
  readonly command: string;
  /** The label of the return code, such as `RSI_ERROR_INPUT`. */
  readonly status: string;

  constructor(command: string, result: bigint) {
    const status = RsiCommandReturnCode.nameOf(result) ?? `0x${result.toString(16)}`;
    super(`${command} returned ${status}`);
    this.command = command;
    this.status = status;
  }
}

/** Bytes of a measurement or a challenge as eight doublewords of a command's values. */
function doublewords<Name extends string>(name: Name, bytes: Uint8Array): Record<`${Name}_${Octet}`, bigint> {
  if (bytes.length > 64) throw new RangeError(`expected 64 bytes at most, got ${bytes.length}`);
  const padded = new Uint8Array(64);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const entries = Array.from({ length: 8 }, (_, i) => [`${name}_${i}`, view.getBigUint64(i * 8, true)]);
  return Object.fromEntries(entries) as Record<`${Name}_${Octet}`, bigint>;
}
type Octet = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** The commands of the RSI (B5.3). Each throws a RealmCallError if the command fails. */
export interface Rsi {
  version(major?: number, minor?: number): Run<RSI_VERSION.Outputs>;
  features(index: Word): Run<bigint>;
  /** @param addr IPA of a Granule that receives the configuration */
  realmConfig(addr: Word): Run<RsiRealmConfig>;
  /** @returns 64 bytes */
  measurementRead(index: Word): Run<Uint8Array>;
  /** @param value 64 bytes at most */
  measurementExtend(index: Word, value: Uint8Array): Run;
  /** @param challenge 64 bytes at most @returns bytes that the token can have at most */
  attestationTokenInit(challenge: Uint8Array): Run<bigint>;
  /** @returns bytes that were written, and whether there are more to come */
  attestationTokenContinue(
    addr: Word,
    offset: Word,
    size: Word,
  ): Run<{ readonly len: bigint; readonly incomplete: boolean }>;
  /** Fetches a token whole, by way of a Granule at an IPA. @param challenge 64 bytes at most */
  attestationToken(challenge: Uint8Array, addr: Word): Run<Uint8Array>;
  ipaStateGet(base: Word, top: Word): Run<RSI_IPA_STATE_GET.Outputs>;
  ipaStateSet(
    base: Word,
    top: Word,
    ripas: RsiRipas,
    destroyed?: RsiRipasChangeDestroyed,
  ): Run<RSI_IPA_STATE_SET.Outputs>;
  /**
   * Hands registers to the Host, by way of a structure of 256 bytes.
   *
   * @param addr IPA of the structure, a multiple of 256
   * @returns X0 to X30 as the Host gave them back
   */
  hostCall(addr: Word, imm: number, gprs?: readonly Word[]): Run<readonly bigint[]>;
}

export function rsiOf(cpu: Caller): Rsi {
  function* succeed<Inputs, Outputs extends { readonly result: bigint }>(
    command: Command<Inputs, Outputs>,
    inputs: Inputs,
    ...others: readonly bigint[]
  ): Run<Outputs> {
    const outputs = yield* cpu.call(command, inputs);
    if (outputs.result !== RsiCommandReturnCode.RSI_SUCCESS && !others.includes(outputs.result))
      throw new RealmCallError(command.name, outputs.result);
    return outputs;
  }
  const word = (value: Word): bigint => BigInt.asUintN(64, BigInt(value));
  return {
    version: (major = 1, minor = 0) => succeed(RSI_VERSION, { req: { major, minor } }),
    *features(index) {
      return (yield* succeed(RSI_FEATURES, { index: word(index) })).value;
    },
    *realmConfig(addr) {
      yield* succeed(RSI_REALM_CONFIG, { addr: word(addr) });
      return new RsiRealmConfig(Memory.of(yield* cpu.read(addr, RsiRealmConfig.size)));
    },
    *measurementRead(index) {
      const outputs = yield* succeed(RSI_MEASUREMENT_READ, { index: word(index) });
      const bytes = new Uint8Array(64);
      const view = new DataView(bytes.buffer);
      for (const i of [0, 1, 2, 3, 4, 5, 6, 7] as const)
        view.setBigUint64(i * 8, outputs[`value_${i}`], true);
      return bytes;
    },
    *measurementExtend(index, value) {
      yield* succeed(RSI_MEASUREMENT_EXTEND, {
        index: word(index),
        size: BigInt(value.length),
        ...doublewords('value', value),
      });
    },
    *attestationTokenInit(challenge) {
      return (yield* succeed(RSI_ATTESTATION_TOKEN_INIT, doublewords('challenge', challenge))).size;
    },
    *attestationTokenContinue(addr, offset, size) {
      const inputs = { addr: word(addr), offset: word(offset), size: word(size) };
      const { RSI_INCOMPLETE } = RsiCommandReturnCode;
      const { result, len } = yield* succeed(RSI_ATTESTATION_TOKEN_CONTINUE, inputs, RSI_INCOMPLETE);
      return { len, incomplete: result === RSI_INCOMPLETE };
    },
    *attestationToken(challenge, addr) {
      const token = new Uint8Array(Number(yield* this.attestationTokenInit(challenge)));
      let length = 0;
      for (let incomplete = true; incomplete; ) {
        const part = yield* this.attestationTokenContinue(addr, 0, GRANULE);
        incomplete = part.incomplete;
        const size = Number(part.len);
        const bytes = yield* cpu.read(addr, Math.ceil(size / 8) * 8);
        token.set(bytes.subarray(0, size), length);
        length += size;
      }
      return token.subarray(0, length);
    },
    ipaStateGet: (base, top) => succeed(RSI_IPA_STATE_GET, { base: word(base), top: word(top) }),
    ipaStateSet: (base, top, ripas, destroyed = 0) =>
      succeed(RSI_IPA_STATE_SET, { base: word(base), top: word(top), ripas, flags: { destroyed } }),
    *hostCall(addr, imm, gprs = []) {
      const call = allocate(RsiHostCall).$clear();
      call.imm = imm;
      for (const [i, value] of gprs.entries()) call.gprs.set(i, word(value));
      yield* cpu.write(addr, call.$bytes);
      yield* succeed(RSI_HOST_CALL, { addr: word(addr) });
      call.$bytes.set(yield* cpu.read(addr, RsiHostCall.size));
      return [...call.gprs];
    },
  };
}
