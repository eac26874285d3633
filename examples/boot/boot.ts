/** Boots a Realm, runs it until it calls its Host, and takes it down: `npx tsx examples/boot/boot.ts`. */
import { createMachine } from 'rmigen/rmm-1.0-rel0/machine';

const machine = createMachine({ memory: [{ base: 0x8000_0000, size: 0x100_0000 }], trace: true });
const realm = machine.host.createRealm({ ipaWidth: 40 });
realm.populate(0x1000, new TextEncoder().encode('what a Realm begins with'));
const rec = realm.createRec({
  *program(cpu) {
    const config = yield* cpu.rsi.realmConfig(0x1000);
    yield* cpu.rsi.hostCall(0x1000, 7, [config.ipa_width]);
  },
});
realm.activate();
const exit = rec.enter();
console.log(exit.reason, exit.imm, exit.gprs.get(0));
realm.destroy();
console.log(machine.trace.text().trimEnd());
