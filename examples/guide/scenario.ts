/*
 * A Host and a Realm with two RECs, from the first Granule to the last. Each step has the section of the document
 * (DEN0137 1.0-rel0) that it is about.
 */
import {
  ESR_EL2,
  EsrExceptionClass,
  EsrIssDataAbort,
  HPFAR_EL2,
  IchLrHw0,
  IchLrState,
  PSCI_CPU_ON,
  PsciReturnCode,
  RmiEmulatedMmio,
  type RmiRecEnter,
  RmiRipas,
  RsiRipas,
} from 'rmigen/rmm-1.0-rel0';
import { type Cpu, createMachine, GRANULE, type HostExit, type Machine } from 'rmigen/rmm-1.0-rel0/machine';

/** Where things are in the Realm's IPA space. The upper half is unprotected: what is there the Host can see (A5.2.1). */
const IPA_WIDTH = 39;
const IMAGE = 0n;
const BUFFER = 0x1000n;
const SECONDARY = 0x2000n;
const HEAP = 0x20_0000n;
const UART = 1n << BigInt(IPA_WIDTH - 1);
const UART_STATUS = UART + 0x18n;

/** A shared peripheral interrupt. */
const INTID = 42;
/** What the Realm's console prints. */
const LETTER = 0x52n;
/** What a verifier sends, so that the token is new. */
const CHALLENGE = new Uint8Array(64).fill(0xa5);

/** Told what happens, by whom, as it happens. */
export type Say = (who: 'Host' | 'REC 0' | 'REC 1', what: string, machine: Machine) => void;

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** @returns the machine, as the Host leaves it */
export function guide(say: Say): Machine {
  // Checked mode holds each answer of the RMM against the document's conditions; the trace has everything in it.
  const machine: Machine = createMachine({
    memory: [{ base: 0x8000_0000, size: 0x100_0000 }],
    features: { auxCount: 1 },
    seed: 7n,
    checked: true,
    trace: true,
  });
  const tell = (who: Parameters<Say>[0], what: string) => say(who, what, machine);

  // What the Realm runs. A program is a generator: `yield*` executes an instruction.

  function* primary(cpu: Cpu) {
    // The Realm asks for a revision of the RSI (B5.3.10), and how wide its IPA space is (B5.3.9).
    const { lower } = yield* cpu.rsi.version(1, 0);
    const config = yield* cpu.rsi.realmConfig(BUFFER);
    tell('REC 0', `RSI ${lower.major}.${lower.minor}, ${config.ipa_width} bits of IPA space`);

    // It sets its virtual CPU interface up and waits. A handler acknowledges and ends the interrupt (A6.1).
    cpu.vectors.irq = function* (handler) {
      const intid = yield* handler.mrs('ICC_IAR1_EL1');
      tell('REC 0', `takes interrupt ${intid}`);
      yield* handler.msr('ICC_EOIR1_EL1', intid);
    };
    yield* cpu.msr('ICC_PMR_EL1', 0xff);
    yield* cpu.msr('ICC_IGRPEN1_EL1', 1);
    cpu.unmask('irq');
    yield* cpu.wfi();
    // A Host call hands registers to the Host, nothing else (A4.5, D1.3.2).
    yield* cpu.rsi.hostCall(BUFFER, 1);

    // A device of the Host's: loads and stores at an Unprotected IPA without a page behind it (A5.2.6, D1.3.4).
    const status = yield* cpu.load32(UART_STATUS);
    tell('REC 0', `reads ${hex(status)} from the UART`);
    yield* cpu.store8(UART, LETTER);

    // RAM that it did not have before: the Realm asks, the Host carries it out (A5.4, D1.5.3).
    const top = HEAP + BigInt(GRANULE);
    yield* cpu.rsi.ipaStateSet(HEAP, top, RsiRipas.RSI_RAM);
    const { ripas } = yield* cpu.rsi.ipaStateGet(HEAP, top);
    tell('REC 0', `${hex(HEAP)} is now ${RsiRipas.nameOf(ripas)}`);
    yield* cpu.store64(HEAP, 1);

    // Its second REC. The Host says which REC has that MPIDR (A4.3.7, D1.4.1).
    const result = yield* cpu.psci.on(1, SECONDARY, 0x1234);
    tell('REC 0', `PSCI_CPU_ON: ${PsciReturnCode.nameOf(result)}`);

    // The attestation token, piece by piece into the Realm's own memory: there is no exit (A7.2.2, D1.7.1).
    yield* cpu.rsi.attestationTokenInit(CHALLENGE);
    let size = 0;
    for (let incomplete = true; incomplete; ) {
      const part = yield* cpu.rsi.attestationTokenContinue(BUFFER, 0, 512);
      size += Number(part.len);
      incomplete = part.incomplete;
    }
    tell('REC 0', `has a token of ${size} bytes`);

    // B6.3.6
    yield* cpu.psci.systemOff();
  }

  function* secondary(cpu: Cpu) {
    // What PSCI_CPU_ON has passed on to it (B6.3.3).
    tell('REC 1', `starts with ${hex(cpu.x(0))} in X0`);
    yield* cpu.psci.off();
  }

  // The Host builds the Realm (D1.2.1 to D1.2.4): it delegates Granules, of which the RMM makes RD, RTTs, pages and RECs.
  const { host } = machine;
  const realm = host.createRealm({ ipaWidth: IPA_WIDTH, rpv: new TextEncoder().encode('guide') });
  realm.populate(IMAGE, new Uint8Array(3 * GRANULE).fill(0x17));
  realm.createTable(Number(HEAP), 3);
  const rec0 = realm.createRec({ pc: IMAGE, program: primary });
  const rec1 = realm.createRec({ runnable: false, program: secondary });
  realm.activate();
  tell('Host', 'has built a Realm with two RECs');

  /** Enters REC 0 and tells why it has exited. Whatever the Host needs to know is in the exit (A4.3). */
  const enter = (prepare?: (enter: RmiRecEnter) => void): HostExit => {
    const exit = rec0.enter(prepare);
    tell('Host', `sees ${exit.reason}`);
    return exit;
  };

  // A virtual interrupt in a List Register, pending when the REC is entered, done with when it exits (A6.1, D1.6.1).
  const pending = IchLrHw0.of({
    State: IchLrState.ICH_LR_STATE_PENDING,
    Group: 1,
    Priority: 0xa0,
    vINTID: INTID,
  });
  const called = enter(({ gicv3_lrs }) => gicv3_lrs.set(0, pending.$value));
  const { State, vINTID } = IchLrHw0.of(called.gicv3_lrs.get(0));
  tell('Host', `finds interrupt ${vINTID} in gicv3_lrs[0]: ${IchLrState.nameOf(State)}`);

  /** What the Host knows of an access that it is to emulate: its IPA, direction and, of a write, the data (A4.3.4.3). */
  const access = (exit: HostExit): string => {
    const { EC, ISS } = ESR_EL2.of(exit.esr);
    const ipa = HPFAR_EL2.of(exit.hpfar).FIPA * BigInt(GRANULE) + exit.far;
    const data = EsrIssDataAbort.of(ISS).WnR === 1 ? `write of ${hex(exit.gprs.get(0))}` : 'read';
    return `${EsrExceptionClass.nameOf(EC)}: ${data} at ${hex(ipa)}`;
  };

  // Emulated MMIO (A4.2.3): the Host answers a read with a value, and says that it has carried out a write.
  const emulated = { emul_mmio: RmiEmulatedMmio.RMI_EMULATED_MMIO };
  tell('Host', access(enter()));
  tell(
    'Host',
    access(
      enter(({ flags, gprs }) => {
        flags.assign(emulated);
        gprs.set(0, 0x90n);
      }),
    ),
  );

  // The RIPAS change (A4.3.8): as far as the Host carries it out by RMI_RTT_SET_RIPAS, the RMM tells the Realm.
  const asked = enter(({ flags }) => flags.assign(emulated));
  const range = `${hex(asked.ripas_base)} to ${hex(asked.ripas_top)}`;
  tell('Host', `is asked to make ${range} ${RmiRipas.nameOf(asked.ripas_value)}`);
  rec0.changeRipas(asked);

  // RAM without a page: the Realm's first access makes the REC exit, and the Host gives it one (A5.2.3, D1.5.1).
  enter();
  realm.addPage(HEAP);

  // PSCI_CPU_ON: the Host resolves the MPIDR, and RMI_PSCI_COMPLETE makes the REC runnable (B4.3.7).
  const psci = enter();
  const isCpuOn = psci.gprs.get(0) === BigInt(PSCI_CPU_ON.fid);
  const target = realm.recOf(psci.gprs.get(1));
  if (!isCpuOn || target !== rec1) throw new Error('expected PSCI_CPU_ON of REC 1');
  rec0.completePsci(rec1);
  tell('Host', `sees ${rec1.enter().reason} of REC 1`);

  // Of the token the Host sees nothing: the next exit is that of PSCI_SYSTEM_OFF, and the last one.
  enter();

  // Everything comes back to the Host, wiped (A2.2.4, D1.2.5).
  realm.destroy();
  tell('Host', 'has all its memory back');
  return machine;
}
