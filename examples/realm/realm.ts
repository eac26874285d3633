/** A Realm on a CPU of one's own, which lacks a page and asks for its RIM: `npx tsx examples/realm/realm.ts`. */
import { RSI_MEASUREMENT_READ } from 'rmigen/rmm-1.0-rel0';
import { createMachine } from 'rmigen/rmm-1.0-rel0/machine';
import { TinyCpu } from './tiny-cpu.js';

const cpu: TinyCpu = new TinyCpu(
  [
    ['mov', 1, 0x20_0008n],
    ['mov', 2, 0x5555n],
    ['str', 2, 1],
    ['mov', 0, BigInt(RSI_MEASUREMENT_READ.fid)],
    ['mov', 1, 0n],
    ['smc'],
    ['hvc'],
    ['wfi'],
  ],
  () => machine.probe,
);
const machine = createMachine({
  memory: [{ base: 0x8000_0000, size: 0x100_0000 }],
  executor: cpu,
  watcher: {
    arrived: ({ command, gprs }) => {
      if (command !== undefined) console.log(command, gprs.map(({ value }) => value.toString(16)).join(' '));
      return undefined;
    },
  },
});
const realm = machine.host.createRealm();
realm.initRipas(0x20_0000, 0x40_0000);
const rec = realm.createRec();
realm.activate();
const abort = rec.enter();
console.log(abort.reason, abort.esr.toString(16), abort.hpfar.toString(16));
realm.addPage(0x20_0000);
const wait = rec.enter((enter) => enter.flags.assign({ trap_wfi: 1 }));
console.log(wait.reason, wait.esr.toString(16));
console.log('the Realm took', cpu.taken.map((esr) => esr.toString(16)).join(' '));
