import {
  ESR_EL2,
  EsrExceptionClass,
  EsrIssDataAbort,
  EsrIssSError,
  HPFAR_EL2,
  PSCI_AFFINITY_INFO,
  PSCI_CPU_OFF,
  PSCI_CPU_ON,
  PSCI_CPU_SUSPEND,
  PSCI_FEATURES,
  PSCI_SYSTEM_OFF,
  PSCI_VERSION,
  PsciReturnCode,
  RMI_DATA_CREATE,
  RMI_DATA_DESTROY,
  RMI_FEATURES,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_PSCI_COMPLETE,
  RMI_REALM_ACTIVATE,
  RMI_REALM_DESTROY,
  RMI_REC_AUX_COUNT,
  RMI_REC_DESTROY,
  RMI_REC_ENTER,
  RMI_RTT_CREATE,
  RMI_RTT_DESTROY,
  RMI_RTT_FOLD,
  RMI_RTT_INIT_RIPAS,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_READ_ENTRY,
  RMI_RTT_SET_RIPAS,
  RMI_RTT_UNMAP_UNPROTECTED,
  RMI_VERSION,
  RSI_ATTESTATION_TOKEN_INIT,
  RSI_FEATURES,
  RSI_HOST_CALL,
  RSI_IPA_STATE_GET,
  RSI_IPA_STATE_SET,
  RSI_MEASUREMENT_EXTEND,
  RSI_MEASUREMENT_READ,
  RSI_REALM_CONFIG,
  RSI_VERSION,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { createMachine, type HostRec, type Machine, ScriptedRealm } from '../../runtime/index.js';

export const DRAM = 0x8000_0000;
export const PAGE = 0x1000;
/** The lowest Unprotected IPA of a Realm with 40 bits. */
export const UNPROTECTED = 2 ** 39;

export interface Stage {
  readonly machine: Machine;
  readonly realm: ScriptedRealm;
}

/** A traced machine whose Realm does what it is told. */
export function stage(size = 0x100_0000): Stage {
  const realm = new ScriptedRealm();
  const machine = createMachine({
    memory: [{ base: DRAM, size }],
    checked: true,
    trace: true,
    executor: realm,
  });
  return { machine, realm };
}

/** ESR_EL2 of a Data Abort. */
export function dataAbort(iss: EsrIssDataAbort.Patch): bigint {
  return ESR_EL2.of({
    EC: EsrExceptionClass.ESR_EC_DABT_LOWER,
    IL: 1,
    ISS: EsrIssDataAbort.of(iss).$value,
  }).$value;
}

/** HPFAR_EL2 for an IPA, in bytes. */
export const hpfar = (ipa: number): bigint => HPFAR_EL2.of({ FIPA: BigInt(ipa / PAGE) }).$value;

/**
 * The life of a Realm, from its first page to its last, with everything on the way that has an outcome of its own.
 * What it leaves in the trace is in traces/lifecycle.txt.
 */
export function lifecycle(): Machine {
  const { machine, realm } = stage();
  const { host, probe, trace } = machine;
  const smc = ({ fid }: { readonly fid: number }, ...inputs: (bigint | number)[]) =>
    machine.smc(fid, ...inputs);
  const call = ({ fid }: { readonly fid: number }, ...registers: (bigint | number)[]) =>
    realm.call(fid, ...registers);
  const dump = (from: number, count: number) => {
    const { granules } = machine.rmm.store;
    trace.states(
      from,
      Array.from({ length: count }, (_, i) => granules.at(from + i * PAGE)!.state),
    );
  };

  trace.comment('Versions and features');
  smc(RMI_VERSION, 0x1_0000);
  smc(RMI_VERSION, 0x1_0001);
  smc(RMI_VERSION, 0);
  smc(RMI_FEATURES, 0);
  smc(RMI_FEATURES, 1);
  smc({ fid: 0xc400_018e });

  trace.comment('A Realm under construction');
  const owner = host.createRealm({ rpv: new Uint8Array(64).fill(0x5a) });
  const { rd } = owner;
  owner.populate(
    0,
    Uint8Array.from({ length: 4 * PAGE }, (_, i) => (i % 256 === 8 ? i / 256 : 0)),
  );
  owner.populate(0x5000, new Uint8Array(PAGE).fill(0x17), { measure: false });
  owner.addPage(0x4000);
  owner.initRipas(0x20_0000, 0x60_0000);
  smc(RMI_RTT_INIT_RIPAS, rd, 0x20_0000, 0x20_1000);
  smc(RMI_RTT_INIT_RIPAS, rd, 0x60_0000, 0x60_0000);
  owner.share(UNPROTECTED, host.allocatePage());
  const first = owner.createRec({
    pc: 0x1000n,
    gprs: [0xa0n, 0xa1n, 0xa2n, 0xa3n, 0xa4n, 0xa5n, 0xa6n, 0xa7n],
  });
  const second = owner.createRec({ pc: 0x2000n, runnable: false });
  const pageAt = (ipa: number) => Number(smc(RMI_RTT_READ_ENTRY, rd, ipa, 3)[3]! & 0xffff_ffff_f000n);
  smc(RMI_RTT_READ_ENTRY, rd, 0x20_0000, 3);
  smc(RMI_RTT_READ_ENTRY, rd, UNPROTECTED, 3);
  smc(RMI_RTT_READ_ENTRY, rd, 0x20_0000, 4);
  smc(RMI_REC_AUX_COUNT, rd + 1);
  smc(RMI_REC_ENTER, first.address, rd);
  const run = host.allocatePage();
  smc(RMI_REC_ENTER, first.address, run);
  trace.name('activation');
  smc(RMI_REALM_ACTIVATE, rd);
  smc(RMI_REALM_ACTIVATE, rd);
  smc(RMI_DATA_CREATE, rd, host.delegate(), 0x8000, run, 1);
  dump(DRAM, 64);

  trace.comment('A Realm that talks to the RMM');
  call(RSI_VERSION, 0x1_0000);
  call(RSI_VERSION, 0x2_0000);
  call(RSI_FEATURES, 0);
  call(RSI_REALM_CONFIG, 0x1000);
  call(RSI_REALM_CONFIG, 0x1001);
  call(RSI_MEASUREMENT_READ, 0);
  call(RSI_MEASUREMENT_READ, 5);
  call(RSI_MEASUREMENT_EXTEND, 2, 32, 1, 2, 3, 4, 0, 0, 0, 0);
  call(RSI_MEASUREMENT_READ, 2);
  call(RSI_MEASUREMENT_EXTEND, 0, 32);
  call(RSI_IPA_STATE_GET, 0, 0x1_0000);
  call(RSI_IPA_STATE_GET, 0x20_0000, 0x100_0000);
  call(RSI_IPA_STATE_GET, UNPROTECTED, UNPROTECTED + PAGE);
  call(RSI_ATTESTATION_TOKEN_INIT, 1, 2, 3, 4, 5, 6, 7, 8);
  call(PSCI_VERSION);
  call(PSCI_FEATURES, PSCI_CPU_ON.fid);
  call(PSCI_FEATURES, 0x8400_0012);
  call(PSCI_CPU_ON, 7, 0x1000, 0);
  call(PSCI_CPU_ON, 1, UNPROTECTED, 0);
  call(PSCI_AFFINITY_INFO, 1, 1);
  call({ fid: 0xc400_01aa }, 1);
  first.enter();
  const config = pageAt(0x1000);
  for (const offset of [0, 8, 0x10, 0x200, 0x238, 0x240]) probe.read64(config + offset);

  trace.comment('A Host call');
  const page = pageAt(0x2000);
  probe.write64(page + 0x100, 0x2an);
  for (let i = 0; i < 31; i++) probe.write64(page + 0x108 + i * 8, BigInt(0x100 + i));
  call(RSI_HOST_CALL, 0x2100);
  first.enter();
  first.enter((enter) => {
    for (let i = 0; i < 31; i++) enter.gprs.set(i, BigInt(0x200 + i));
  });
  probe.read64(page + 0x100);
  probe.read64(page + 0x108);
  probe.read64(page + 0x1f8);

  trace.comment('RIPAS changes: carried out, left half done, and refused in part');
  call(RSI_IPA_STATE_SET, 0x1000, 0x3000, 0, 0);
  first.enter();
  smc(RMI_RTT_SET_RIPAS, rd, first.address, 0x1000, 0x2000);
  smc(RMI_RTT_SET_RIPAS, rd, first.address, 0x1000, 0x2000);
  smc(RMI_RTT_SET_RIPAS, rd, first.address, 0x2000, 0x4000);
  smc(RMI_RTT_SET_RIPAS, rd, first.address, 0x2000, 0x3000);
  first.enter();
  call(RSI_IPA_STATE_SET, 0x1000, 0x3000, 1, 1);
  first.enter();
  first.enter();
  call(RSI_IPA_STATE_SET, 0x1000, 0x3000, 1, 0);
  first.enter();
  smc(RMI_RTT_SET_RIPAS, rd, first.address, 0x1000, 0x2000);
  first.enter((enter) => {
    enter.flags.ripas_response = 1;
  });
  call(RSI_IPA_STATE_SET, 0x3000, 0x3000, 1, 0);
  first.enter();

  trace.comment('PSCI');
  call(PSCI_CPU_ON, 1, 0x3000, 0x77);
  first.enter();
  smc(RMI_REC_ENTER, first.address, run);
  smc(RMI_PSCI_COMPLETE, first.address, first.address, 0);
  smc(RMI_PSCI_COMPLETE, first.address, second.address, 1);
  first.completePsci(second);
  smc(RMI_PSCI_COMPLETE, first.address, second.address, 0);
  first.enter();
  second.enter();
  call(PSCI_CPU_ON, 1, 0x3000, 0x78);
  first.enter();
  first.completePsci(second);
  call(PSCI_AFFINITY_INFO, 1, 0);
  first.enter();
  first.completePsci(second);
  first.enter();
  call(PSCI_CPU_OFF);
  second.enter();
  smc(RMI_REC_ENTER, second.address, run);
  call(PSCI_CPU_ON, 1, 0x3000, 0x79);
  first.enter();
  first.completePsci(second, PsciReturnCode.PSCI_DENIED);
  first.enter();
  call(PSCI_CPU_SUSPEND, 1, 2, 3);
  first.enter();
  first.enter();

  trace.comment('Exceptions');
  exceptions(realm, first);

  trace.comment('Tables');
  smc(RMI_RTT_UNMAP_UNPROTECTED, rd, UNPROTECTED, 3);
  smc(RMI_RTT_UNMAP_UNPROTECTED, rd, UNPROTECTED, 3);
  smc(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED, 3, BigInt(run) | 0xd8n);
  smc(RMI_RTT_MAP_UNPROTECTED, rd, UNPROTECTED, 3, 0x8000_0000_0000_0000n);
  const table = host.delegate();
  smc(RMI_RTT_CREATE, rd, table, 0x20_0000, 3);
  smc(RMI_RTT_CREATE, rd, table, 0x20_0000, 3);
  smc(RMI_RTT_FOLD, rd, 0x20_0000, 3);
  smc(RMI_RTT_FOLD, rd, 0x20_0000, 3);
  smc(RMI_RTT_CREATE, rd, table, 0x4000_0000, 3);
  smc(RMI_RTT_DESTROY, rd, 0, 3);
  smc(RMI_RTT_DESTROY, rd, 0x4000_0000, 3);

  trace.comment('The end');
  call(PSCI_SYSTEM_OFF);
  first.enter();
  smc(RMI_REC_ENTER, first.address, run);
  smc(RMI_REALM_DESTROY, rd);
  smc(RMI_REC_DESTROY, first.address);
  smc(RMI_REC_DESTROY, first.address);
  smc(RMI_REC_DESTROY, second.address);
  for (const ipa of [0, 0x1000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000]) smc(RMI_DATA_DESTROY, rd, ipa);
  smc(RMI_DATA_DESTROY, rd, UNPROTECTED);
  smc(RMI_RTT_UNMAP_UNPROTECTED, rd, UNPROTECTED, 3);
  for (const ipa of [0, UNPROTECTED]) for (const level of [3, 2]) smc(RMI_RTT_DESTROY, rd, ipa, level);
  smc(RMI_REALM_DESTROY, rd);
  smc(RMI_REALM_DESTROY, rd);
  smc(RMI_GRANULE_UNDELEGATE, rd);
  smc(RMI_GRANULE_UNDELEGATE, rd);
  smc(RMI_GRANULE_DELEGATE, table);
  smc(RMI_GRANULE_DELEGATE, 1);
  dump(rd, 1);
  dump(DRAM, 64);
  return machine;
}

function exceptions(realm: ScriptedRealm, rec: HostRec): void {
  const sync = (esr: bigint, far: bigint, at: number) =>
    realm.queue({ kind: 'sync', esr, far, hpfar: hpfar(at) });
  const device = UNPROTECTED + 0x1_0000;
  realm.queue({ kind: 'irq' });
  rec.enter();
  sync(dataAbort({ ISV: 1, SRT: 2, SAS: 1, SSE: 1, SF: 1, DFSC: 7 }), 0x1234n, device);
  rec.enter();
  rec.enter((enter) => {
    enter.flags.emul_mmio = 1;
    enter.gprs.set(0, 0xfedcn);
  });
  sync(dataAbort({ ISV: 1, SRT: 3, SAS: 3, SF: 1, WnR: 1, DFSC: 7 }), 0x1238n, device);
  rec.enter();
  rec.enter((enter) => {
    enter.flags.emul_mmio = 1;
  });
  sync(dataAbort({ DFSC: 7 }), 0n, device);
  rec.enter();
  rec.enter((enter) => {
    enter.flags.inject_sea = 1;
  });
  sync(dataAbort({ DFSC: 7 }), 0n, 0x1_0000);
  realm.queue({ kind: 'fiq' });
  rec.enter();
  sync(dataAbort({ DFSC: 6 }), 0n, 0x20_0000);
  rec.enter();
  sync(ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_IABT_LOWER, ISS: 7 }).$value, 0n, 0x20_0000);
  rec.enter();
  sync(ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_HVC64 }).$value, 0n, 0);
  rec.enter();
  sync(ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_WFX, IL: 1, ISS: 1 }).$value, 0n, 0);
  rec.enter((enter) => {
    enter.flags.trap_wfe = 1;
  });
  const iss = EsrIssSError.of({ DFSC: 0x11, AET: 2, IESB: 1 }).$value;
  realm.queue({
    kind: 'serror',
    esr: ESR_EL2.of({ EC: EsrExceptionClass.ESR_EC_SERROR, IL: 1, ISS: iss }).$value,
  });
  rec.enter();
}
