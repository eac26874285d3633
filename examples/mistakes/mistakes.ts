/** A Host that makes the mistakes that every Host makes once, and reads the answers: `npx tsx examples/mistakes/mistakes.ts`. */
import { allocate } from 'rmigen/bits';
import {
  ICH_HCR_EL2,
  RMI_DATA_CREATE,
  RMI_DATA_CREATE_UNKNOWN,
  RMI_DATA_DESTROY,
  RMI_GRANULE_DELEGATE,
  RMI_GRANULE_UNDELEGATE,
  RMI_REALM_ACTIVATE,
  RMI_REALM_DESTROY,
  RMI_REC_ENTER,
  RMI_RTT_DESTROY,
  RMI_RTT_MAP_UNPROTECTED,
  RMI_RTT_READ_ENTRY,
  RMI_RTT_UNMAP_UNPROTECTED,
  RmiCommandReturnCode,
  RmiRecRun,
  RmiStatusCode,
} from 'rmigen/rmm-1.0-rel0';
import { createMachine, GRANULE } from 'rmigen/rmm-1.0-rel0/machine';

const machine = createMachine({ memory: [{ base: 0x8000_0000, size: 0x100_0000 }] });
const { host, bus } = machine;

/** Calls a command and prints what came of it. */
function attempt(what: string, command: { readonly fid: number }, ...inputs: (bigint | number)[]): void {
  const { status, index } = RmiCommandReturnCode.of(machine.smc(command.fid, ...inputs)[0]!);
  const { refusal } = machine;
  const label = RmiStatusCode.nameOf(status);
  console.log(what);
  console.log(
    refusal === undefined
      ? `  ${label}`
      : `  ${label}${index === 0 ? '' : ` ${index}`}, since ${refusal.id}: ${refusal.pre} (${refusal.section})`,
  );
}

const page = host.delegate();
attempt('delegates a Granule twice', RMI_GRANULE_DELEGATE, page);
console.log('writes to it all the same');
try {
  bus.write64(page, 1n);
} catch (error) {
  console.log(`  ${error}`);
}
attempt('delegates an address between two Granules', RMI_GRANULE_DELEGATE, page + GRANULE / 2);

const realm = host.createRealm();
const { rd } = realm;
const unprotected = 2 ** (realm.ipaWidth - 1);
attempt('takes the RD back while there is a Realm', RMI_GRANULE_UNDELEGATE, rd);
attempt('gives the Realm a page before there are tables for it', RMI_DATA_CREATE_UNKNOWN, rd, page, 0);
attempt('destroys a page that there is not', RMI_DATA_DESTROY, rd, 0x1000);
realm.populate(0, new Uint8Array(GRANULE));
attempt('gives it another page at the same IPA', RMI_DATA_CREATE_UNKNOWN, rd, page, 0);
attempt('gives it a page at an Unprotected IPA', RMI_DATA_CREATE_UNKNOWN, rd, page, unprotected);
attempt('destroys a table that still maps', RMI_RTT_DESTROY, rd, 0, 3);
attempt('reads an entry of level 4', RMI_RTT_READ_ENTRY, rd, 0, 4);

realm.share(unprotected, host.allocatePage());
attempt('maps over what is mapped', RMI_RTT_MAP_UNPROTECTED, rd, unprotected, 3, 0x8800_0000 + 0xd8);
attempt(
  'passes a whole descriptor',
  RMI_RTT_MAP_UNPROTECTED,
  rd,
  unprotected + GRANULE,
  3,
  0x8800_0000 + 0x4db,
);
attempt('unmaps twice, once', RMI_RTT_UNMAP_UNPROTECTED, rd, unprotected, 3);
attempt('unmaps twice, twice', RMI_RTT_UNMAP_UNPROTECTED, rd, unprotected, 3);

const rec = realm.createRec();
const run = host.allocatePage();
attempt('enters a REC before the Realm is active', RMI_REC_ENTER, rec.address, run);
realm.activate();
attempt('activates it twice', RMI_REALM_ACTIVATE, rd);
attempt('adds measured contents too late', RMI_DATA_CREATE, rd, page, 0x1000, run, 1);
attempt('hands over a delegated Granule for RmiRecRun', RMI_REC_ENTER, rec.address, page);
const { enter } = allocate(RmiRecRun);
enter.gicv3_hcr = ICH_HCR_EL2.of({ En: 1 }).$value;
bus.write(run, enter.$bytes);
attempt('sets a bit of ICH_HCR_EL2 that is not the Host’s', RMI_REC_ENTER, rec.address, run);
attempt('destroys the Realm with all that is in it', RMI_REALM_DESTROY, rd);

realm.destroy();
host.undelegate(page);
console.log(`${machine.snapshot().granules.length} Granules are left behind`);
