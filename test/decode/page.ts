import {
  ICH_LR_EL2,
  RmiEmulatedMmio,
  RmiRecExitReason,
  RmiRecRun,
  RmiRipas,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { Memory } from '../../runtime/bits/index.js';

/** A rec_run page after a Realm asked the Host for a RIPAS change, made with the generated accessors. */
export function recRunPage(): Uint8Array {
  const page = new Uint8Array(RmiRecRun.size);
  const { enter, exit } = new RmiRecRun(Memory.of(page));
  enter.flags.assign({ emul_mmio: RmiEmulatedMmio.RMI_EMULATED_MMIO });
  enter.gprs.set(3, 0xabcdn);
  enter.gicv3_hcr = 0x4080n;
  const lr = new ICH_LR_EL2(Memory.of(new Uint8Array(8)));
  lr.assign({ vINTID: 27, Priority: 0xa0, Group: 1, State: 1 });
  enter.gicv3_lrs.set(0, lr.$value);
  exit.exit_reason = RmiRecExitReason.RMI_EXIT_RIPAS_CHANGE;
  exit.ripas_base = 0x8000_0000n;
  exit.ripas_top = 0x8020_0000n;
  exit.ripas_value = RmiRipas.RMI_RAM;
  exit.cntv_ctl = 5n;
  exit.cntv_cval = 0x1234_5678n;
  return page;
}
