/**
 * What one would write by hand for the rows of the benchmark: the floor. The offsets and masks of the document stand
 * here as literals, since that is what code by hand does.
 */

/** An unchecked accessor over typed arrays: the least that still can be moved. */
export class HandEnter {
  declare readonly u8: Uint8Array;
  declare readonly u64: BigUint64Array;
  declare base: number;

  constructor(u8: Uint8Array, u64: BigUint64Array, base: number) {
    this.u8 = u8;
    this.u64 = u64;
    this.base = base;
  }

  get gicv3_hcr(): bigint {
    return this.u64[(this.base + 0x300) >>> 3]!;
  }

  set gicv3_hcr(value: bigint) {
    this.u64[(this.base + 0x300) >>> 3] = value;
  }

  get ripas_response(): number {
    return (this.u8[this.base]! >>> 4) & 1;
  }

  set ripas_response(value: number) {
    this.u8[this.base] = (this.u8[this.base]! & ~0x10) | (value << 4);
  }
}

/** Bits above 32 from the word that they lie in. */
export class HandFeatures {
  declare readonly u32: Uint32Array;
  declare base: number;

  constructor(u32: Uint32Array, base: number) {
    this.u32 = u32;
    this.base = base;
  }

  get GICV3_NUM_LRS(): number {
    return (this.u32[(this.base + 4) >>> 2]! >>> 2) & 0xf;
  }
}

/** The same with the checks that a careful author adds to a setter. */
export class HandCheckedEnter {
  declare readonly u8: Uint8Array;
  declare readonly u64: BigUint64Array;
  declare base: number;

  constructor(u8: Uint8Array, u64: BigUint64Array, base: number) {
    this.u8 = u8;
    this.u64 = u64;
    this.base = base;
  }

  set gicv3_hcr(value: bigint) {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new RangeError('gicv3_hcr');
    this.u64[(this.base + 0x300) >>> 3] = value;
  }

  set ripas_response(value: number) {
    if (value !== 0 && value !== 1) throw new RangeError('ripas_response');
    this.u8[this.base] = (this.u8[this.base]! & ~0x10) | (value << 4);
  }
}

export interface EnterFlags {
  readonly emul_mmio: number;
  readonly inject_sea: number;
  readonly trap_wfi: number;
  readonly trap_wfe: number;
  readonly ripas_response: number;
}

export interface Enter {
  readonly flags: EnterFlags;
  readonly gprs: ArrayLike<bigint>;
  readonly gicv3_hcr: bigint;
  readonly gicv3_lrs: ArrayLike<bigint>;
}

/** Every member of an RmiRecExit, line by line. */
export function decodeExit(u8: Uint8Array, u16: Uint16Array, u64: BigUint64Array, base: number) {
  const at = base >>> 3;
  return {
    exit_reason: u8[base]!,
    esr: u64[at + 0x20]!,
    far: u64[at + 0x21]!,
    hpfar: u64[at + 0x22]!,
    gprs: [
      u64[at + 0x40]!,
      u64[at + 0x41]!,
      u64[at + 0x42]!,
      u64[at + 0x43]!,
      u64[at + 0x44]!,
      u64[at + 0x45]!,
      u64[at + 0x46]!,
      u64[at + 0x47]!,
      u64[at + 0x48]!,
      u64[at + 0x49]!,
      u64[at + 0x4a]!,
      u64[at + 0x4b]!,
      u64[at + 0x4c]!,
      u64[at + 0x4d]!,
      u64[at + 0x4e]!,
      u64[at + 0x4f]!,
      u64[at + 0x50]!,
      u64[at + 0x51]!,
      u64[at + 0x52]!,
      u64[at + 0x53]!,
      u64[at + 0x54]!,
      u64[at + 0x55]!,
      u64[at + 0x56]!,
      u64[at + 0x57]!,
      u64[at + 0x58]!,
      u64[at + 0x59]!,
      u64[at + 0x5a]!,
      u64[at + 0x5b]!,
      u64[at + 0x5c]!,
      u64[at + 0x5d]!,
      u64[at + 0x5e]!,
    ],
    gicv3_hcr: u64[at + 0x60]!,
    gicv3_lrs: [
      u64[at + 0x61]!,
      u64[at + 0x62]!,
      u64[at + 0x63]!,
      u64[at + 0x64]!,
      u64[at + 0x65]!,
      u64[at + 0x66]!,
      u64[at + 0x67]!,
      u64[at + 0x68]!,
      u64[at + 0x69]!,
      u64[at + 0x6a]!,
      u64[at + 0x6b]!,
      u64[at + 0x6c]!,
      u64[at + 0x6d]!,
      u64[at + 0x6e]!,
      u64[at + 0x6f]!,
      u64[at + 0x70]!,
    ],
    gicv3_misr: u64[at + 0x71]!,
    gicv3_vmcr: u64[at + 0x72]!,
    cntp_ctl: u64[at + 0x80]!,
    cntp_cval: u64[at + 0x81]!,
    cntv_ctl: u64[at + 0x82]!,
    cntv_cval: u64[at + 0x83]!,
    ripas_base: u64[at + 0xa0]!,
    ripas_top: u64[at + 0xa1]!,
    ripas_value: u8[base + 0x510]!,
    imm: u16[(base + 0x600) >>> 1]!,
    pmu_ovf_status: u8[base + 0x700]!,
  };
}

/** Every member of an RmiRecEnter, line by line, unchecked. */
export function encodeEnter(u32: Uint32Array, u64: BigUint64Array, base: number, enter: Enter): void {
  const at = base >>> 3;
  const { flags, gprs, gicv3_lrs } = enter;
  u32[base >>> 2] =
    flags.emul_mmio |
    (flags.inject_sea << 1) |
    (flags.trap_wfi << 2) |
    (flags.trap_wfe << 3) |
    (flags.ripas_response << 4);
  u64[at + 0x40] = gprs[0]!;
  u64[at + 0x41] = gprs[1]!;
  u64[at + 0x42] = gprs[2]!;
  u64[at + 0x43] = gprs[3]!;
  u64[at + 0x44] = gprs[4]!;
  u64[at + 0x45] = gprs[5]!;
  u64[at + 0x46] = gprs[6]!;
  u64[at + 0x47] = gprs[7]!;
  u64[at + 0x48] = gprs[8]!;
  u64[at + 0x49] = gprs[9]!;
  u64[at + 0x4a] = gprs[10]!;
  u64[at + 0x4b] = gprs[11]!;
  u64[at + 0x4c] = gprs[12]!;
  u64[at + 0x4d] = gprs[13]!;
  u64[at + 0x4e] = gprs[14]!;
  u64[at + 0x4f] = gprs[15]!;
  u64[at + 0x50] = gprs[16]!;
  u64[at + 0x51] = gprs[17]!;
  u64[at + 0x52] = gprs[18]!;
  u64[at + 0x53] = gprs[19]!;
  u64[at + 0x54] = gprs[20]!;
  u64[at + 0x55] = gprs[21]!;
  u64[at + 0x56] = gprs[22]!;
  u64[at + 0x57] = gprs[23]!;
  u64[at + 0x58] = gprs[24]!;
  u64[at + 0x59] = gprs[25]!;
  u64[at + 0x5a] = gprs[26]!;
  u64[at + 0x5b] = gprs[27]!;
  u64[at + 0x5c] = gprs[28]!;
  u64[at + 0x5d] = gprs[29]!;
  u64[at + 0x5e] = gprs[30]!;
  u64[at + 0x60] = enter.gicv3_hcr;
  u64[at + 0x61] = gicv3_lrs[0]!;
  u64[at + 0x62] = gicv3_lrs[1]!;
  u64[at + 0x63] = gicv3_lrs[2]!;
  u64[at + 0x64] = gicv3_lrs[3]!;
  u64[at + 0x65] = gicv3_lrs[4]!;
  u64[at + 0x66] = gicv3_lrs[5]!;
  u64[at + 0x67] = gicv3_lrs[6]!;
  u64[at + 0x68] = gicv3_lrs[7]!;
  u64[at + 0x69] = gicv3_lrs[8]!;
  u64[at + 0x6a] = gicv3_lrs[9]!;
  u64[at + 0x6b] = gicv3_lrs[10]!;
  u64[at + 0x6c] = gicv3_lrs[11]!;
  u64[at + 0x6d] = gicv3_lrs[12]!;
  u64[at + 0x6e] = gicv3_lrs[13]!;
  u64[at + 0x6f] = gicv3_lrs[14]!;
  u64[at + 0x70] = gicv3_lrs[15]!;
}

const MAX = 0xffff_ffff_ffff_ffffn;

function u64Of(value: bigint, name: string): bigint {
  if (value < 0n || value > MAX) throw new RangeError(name);
  return value;
}

function bitOf(value: number, name: string): number {
  if (value !== 0 && value !== 1) throw new RangeError(name);
  return value;
}

/** The same with a check of each value. */
export function encodeEnterChecked(u32: Uint32Array, u64: BigUint64Array, base: number, enter: Enter): void {
  const at = base >>> 3;
  const { flags, gprs, gicv3_lrs } = enter;
  u32[base >>> 2] =
    bitOf(flags.emul_mmio, 'emul_mmio') |
    (bitOf(flags.inject_sea, 'inject_sea') << 1) |
    (bitOf(flags.trap_wfi, 'trap_wfi') << 2) |
    (bitOf(flags.trap_wfe, 'trap_wfe') << 3) |
    (bitOf(flags.ripas_response, 'ripas_response') << 4);
  u64[at + 0x40] = u64Of(gprs[0]!, 'gprs');
  u64[at + 0x41] = u64Of(gprs[1]!, 'gprs');
  u64[at + 0x42] = u64Of(gprs[2]!, 'gprs');
  u64[at + 0x43] = u64Of(gprs[3]!, 'gprs');
  u64[at + 0x44] = u64Of(gprs[4]!, 'gprs');
  u64[at + 0x45] = u64Of(gprs[5]!, 'gprs');
  u64[at + 0x46] = u64Of(gprs[6]!, 'gprs');
  u64[at + 0x47] = u64Of(gprs[7]!, 'gprs');
  u64[at + 0x48] = u64Of(gprs[8]!, 'gprs');
  u64[at + 0x49] = u64Of(gprs[9]!, 'gprs');
  u64[at + 0x4a] = u64Of(gprs[10]!, 'gprs');
  u64[at + 0x4b] = u64Of(gprs[11]!, 'gprs');
  u64[at + 0x4c] = u64Of(gprs[12]!, 'gprs');
  u64[at + 0x4d] = u64Of(gprs[13]!, 'gprs');
  u64[at + 0x4e] = u64Of(gprs[14]!, 'gprs');
  u64[at + 0x4f] = u64Of(gprs[15]!, 'gprs');
  u64[at + 0x50] = u64Of(gprs[16]!, 'gprs');
  u64[at + 0x51] = u64Of(gprs[17]!, 'gprs');
  u64[at + 0x52] = u64Of(gprs[18]!, 'gprs');
  u64[at + 0x53] = u64Of(gprs[19]!, 'gprs');
  u64[at + 0x54] = u64Of(gprs[20]!, 'gprs');
  u64[at + 0x55] = u64Of(gprs[21]!, 'gprs');
  u64[at + 0x56] = u64Of(gprs[22]!, 'gprs');
  u64[at + 0x57] = u64Of(gprs[23]!, 'gprs');
  u64[at + 0x58] = u64Of(gprs[24]!, 'gprs');
  u64[at + 0x59] = u64Of(gprs[25]!, 'gprs');
  u64[at + 0x5a] = u64Of(gprs[26]!, 'gprs');
  u64[at + 0x5b] = u64Of(gprs[27]!, 'gprs');
  u64[at + 0x5c] = u64Of(gprs[28]!, 'gprs');
  u64[at + 0x5d] = u64Of(gprs[29]!, 'gprs');
  u64[at + 0x5e] = u64Of(gprs[30]!, 'gprs');
  u64[at + 0x60] = u64Of(enter.gicv3_hcr, 'gicv3_hcr');
  u64[at + 0x61] = u64Of(gicv3_lrs[0]!, 'gicv3_lrs');
  u64[at + 0x62] = u64Of(gicv3_lrs[1]!, 'gicv3_lrs');
  u64[at + 0x63] = u64Of(gicv3_lrs[2]!, 'gicv3_lrs');
  u64[at + 0x64] = u64Of(gicv3_lrs[3]!, 'gicv3_lrs');
  u64[at + 0x65] = u64Of(gicv3_lrs[4]!, 'gicv3_lrs');
  u64[at + 0x66] = u64Of(gicv3_lrs[5]!, 'gicv3_lrs');
  u64[at + 0x67] = u64Of(gicv3_lrs[6]!, 'gicv3_lrs');
  u64[at + 0x68] = u64Of(gicv3_lrs[7]!, 'gicv3_lrs');
  u64[at + 0x69] = u64Of(gicv3_lrs[8]!, 'gicv3_lrs');
  u64[at + 0x6a] = u64Of(gicv3_lrs[9]!, 'gicv3_lrs');
  u64[at + 0x6b] = u64Of(gicv3_lrs[10]!, 'gicv3_lrs');
  u64[at + 0x6c] = u64Of(gicv3_lrs[11]!, 'gicv3_lrs');
  u64[at + 0x6d] = u64Of(gicv3_lrs[12]!, 'gicv3_lrs');
  u64[at + 0x6e] = u64Of(gicv3_lrs[13]!, 'gicv3_lrs');
  u64[at + 0x6f] = u64Of(gicv3_lrs[14]!, 'gicv3_lrs');
  u64[at + 0x70] = u64Of(gicv3_lrs[15]!, 'gicv3_lrs');
}
