import {
  RSI_ATTESTATION_TOKEN_CONTINUE,
  RSI_ATTESTATION_TOKEN_INIT,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import {
  createMachine,
  GRANULE,
  type HostRec,
  type Machine,
  type MachineConfiguration,
  ScriptedRealm,
} from '../../runtime/index.js';

const DRAM = 0x8000_0000;
/** Where the Realm has a page for its tokens. */
export const BUFFER = 0x1000;

/** A Realm with one REC that makes the calls that a test tells it to make. */
export class Speaker {
  readonly machine: Machine;
  readonly rec: HostRec;
  readonly #script = new ScriptedRealm();
  readonly #buffer: number;
  #answer: readonly bigint[] = [];

  constructor(
    options: { hash?: 'SHA-256' | 'SHA-512'; rpv?: Uint8Array } = {},
    configuration: Partial<MachineConfiguration> = {},
  ) {
    this.machine = createMachine({
      memory: [{ base: DRAM, size: 0x100_0000 }],
      checked: true,
      executor: this.#script,
      watcher: {
        arrived: ({ kind, gprs }) => {
          if (kind === 'rsi') this.#answer = gprs.map((one) => one.value);
          return undefined;
        },
      },
      ...configuration,
    });
    const realm = this.machine.host.createRealm(options);
    realm.populate(0, new Uint8Array(2 * GRANULE));
    this.rec = realm.createRec({ pc: 0n });
    this.#buffer = Number(this.machine.smc(0xc400_0161, realm.rd, BUFFER, 3)[3]! & 0xffff_ffff_f000n);
    realm.activate();
  }

  /** X0 and the registers after it, as the Realm got them back. */
  call({ fid }: { readonly fid: number }, ...inputs: readonly (bigint | number)[]): readonly bigint[] {
    this.#answer = [];
    this.#script.call(fid, ...inputs);
    this.rec.enter();
    return this.#answer;
  }

  /** The REC as the RMM has it. */
  get state() {
    return this.machine.rmm.store.recs.get(this.rec.address)!;
  }

  get realm() {
    return this.machine.rmm.store.realms.get(this.state.owner)!;
  }

  init(challenge: Uint8Array): readonly bigint[] {
    const view = new DataView(challenge.buffer, challenge.byteOffset, challenge.length);
    const words = Array.from({ length: 8 }, (_, i) => view.getBigUint64(i * 8, true));
    return this.call(RSI_ATTESTATION_TOKEN_INIT, ...words);
  }

  next(offset: number, size: number, address = BUFFER): readonly bigint[] {
    return this.call(RSI_ATTESTATION_TOKEN_CONTINUE, address, offset, size);
  }

  buffer(offset: number, size: number): Uint8Array {
    return this.machine.probe.read(this.#buffer + offset, size);
  }
}
