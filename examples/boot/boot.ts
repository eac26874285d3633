/** Boots a Realm, runs it until it exits, and takes it down: `npx tsx examples/boot/boot.ts`. */
import { RmiRecExitReason } from 'rmigen/rmm-1.0-rel0';
import { createMachine, ScriptedRealm } from 'rmigen/rmm-1.0-rel0/machine';

const machine = createMachine({
  memory: [{ base: 0x8000_0000, size: 0x100_0000 }],
  features: { auxCount: 1 },
  executor: new ScriptedRealm(),
  trace: true,
});
const realm = machine.host.createRealm({ ipaWidth: 39 });
realm.populate(0x1000, new TextEncoder().encode('the code of a Realm'));
const rec = realm.createRec({ pc: 0x1000n });
realm.activate();
console.log(RmiRecExitReason.nameOf(rec.enter().exit_reason));
realm.destroy();
console.log(machine.trace.text().trimEnd());
