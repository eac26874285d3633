import { RmiFeatureRegister0, RmiRecEnter, RmiRecExit } from '../generated/rmm-1.0-rel0/typescript/index.js';
import { Memory } from '../runtime/bits/index.js';
import {
  decodeExit,
  type Enter,
  encodeEnter,
  encodeEnterChecked,
  HandCheckedEnter,
  HandEnter,
  HandFeatures,
} from './by-hand.js';
import type { Row } from './measure.js';
import * as peer from './peers.js';

/** Columns of the table, the floor first. */
export const columns: readonly string[] = [
  'bare',
  'by hand',
  'by hand, checked',
  'rmigen',
  'kaitai-struct',
  'structurae',
  'binary-parser',
  'restructure',
  'typed-struct',
];

const PAGE = 0x1000;
const COUNT = 64;
/** Values of which the pages are read in turn, so that no read can be hoisted out of its loop. */
const MASK = COUNT - 1;

/** Sixty-four pages with values as they occur: pointers of a kernel, small integers, zeroes, some virtual interrupts. */
function pages(): Memory {
  const memory = Memory.alloc(PAGE * COUNT);
  const run = new Array<bigint>(31).fill(0n);
  for (let page = 0; page < COUNT; page++) {
    const gprs = run.map((_, i) =>
      i % 3 === 0 ? 0xffff_8000_1000_0000n + BigInt(page * 4096 + i) : i % 3 === 1 ? BigInt(page * i) : 0n,
    );
    const lrs = new Array<bigint>(16).fill(0n);
    for (let i = 0; i < 4; i++) lrs[i] = 0x50a0_0000_0000_0018n + BigInt(i + page);
    new RmiRecEnter(memory, page * PAGE).assign({
      flags: { emul_mmio: 1, ripas_response: (page & 1) as 0 | 1 },
      gprs,
      gicv3_hcr: 0x4006n,
      gicv3_lrs: lrs,
    });
    new RmiRecExit(memory, page * PAGE + 0x800).assign({
      esr: 0x9384_8006n + BigInt(page),
      far: BigInt(page * 8),
      hpfar: BigInt(page) << 8n,
      gprs,
      gicv3_lrs: lrs,
      cntv_cval: 0x0123_4567_89abn + BigInt(page),
      imm: page,
    });
  }
  return memory;
}

function every<T>(make: (index: number) => T): readonly T[] {
  return Array.from({ length: COUNT }, (_, index) => make(index));
}

export function accessorRows(): readonly Row[] {
  const memory = pages();
  const buffer = memory.buffer as ArrayBuffer;
  const u8 = new Uint8Array(buffer);
  const u16 = new Uint16Array(buffer);
  const u32 = new Uint32Array(buffer);
  const u64 = new BigUint64Array(buffer);
  const enterBases = every((i) => i * PAGE);
  const exitBases = every((i) => i * PAGE + 0x800);

  const enters = every((i) => new RmiRecEnter(memory, i * PAGE));
  const exits = every((i) => new RmiRecExit(memory, i * PAGE + 0x800));
  const hands = every((i) => new HandEnter(u8, u64, i * PAGE));
  const handsChecked = every((i) => new HandCheckedEnter(u8, u64, i * PAGE));
  const streams = every((i) => peer.kaitaiStream(buffer, i * PAGE));
  const exitStreams = every((i) => peer.kaitaiStream(buffer, i * PAGE + 0x800));
  const structuraeEnters = every((i) => new peer.StructuraeEnter(buffer, i * PAGE, 0x800));
  const structuraeExits = every((i) => new peer.StructuraeExit(buffer, i * PAGE + 0x800, 0x800));
  const exitBytes = every((i) => new Uint8Array(buffer, i * PAGE + 0x800, 0x800));
  const enterBytes = every((i) => new Uint8Array(buffer, i * PAGE, 0x800));
  const exitStream = new peer.DecodeStream(u8);
  const typedEnters = every((i) => new peer.TypedStructEnter(Buffer.from(buffer, i * PAGE, 0x800)));
  const typedExits = every((i) => new peer.TypedStructExit(Buffer.from(buffer, i * PAGE + 0x800, 0x800)));

  const values = every((i) => 0x9000_0000_0000_0000n + BigInt(i));
  const patches: readonly Enter[] = enters.map((enter) => enter.toObject());
  const typedPatches: readonly Enter[] = patches.map((patch) => ({
    ...patch,
    gprs: BigUint64Array.from(patch.gprs as bigint[]),
    gicv3_lrs: BigUint64Array.from(patch.gicv3_lrs as bigint[]),
  }));
  const asWords = (list: ArrayLike<bigint>): number[] =>
    Array.from(list).flatMap((value) => [Number(value & 0xffff_ffffn), Number(value >> 32n)]);
  const restructurePatches = patches.map(({ flags, gprs, gicv3_hcr, gicv3_lrs }) => ({
    flags: Object.fromEntries(Object.entries(flags).map(([name, bit]) => [name, bit !== 0])),
    gprs: asWords(gprs),
    gicv3_hcr: asWords([gicv3_hcr]),
    gicv3_lrs: asWords(gicv3_lrs),
  }));
  const scratch = Memory.alloc(0x800);
  const scratch32 = new Uint32Array(scratch.buffer);
  const scratch64 = new BigUint64Array(scratch.buffer);
  const scratchEnter = new RmiRecEnter(scratch);
  const scratchStructurae = new peer.StructuraeEnter(scratch.buffer as ArrayBuffer, 0, 0x800);
  const scratchTyped = new peer.TypedStructEnter(Buffer.from(scratch.buffer as ArrayBuffer));

  const features = every(() => RmiFeatureRegister0.of(0n));
  for (const [index, feature] of features.entries())
    feature.assign({ S2SZ: 48, GICV3_NUM_LRS: index & 15, MAX_RECS_ORDER: 9 });
  const featureWords = Uint32Array.from(features.flatMap((feature) => [0, Number(feature.$value >> 32n)]));
  const handFeatures = every((i) => new HandFeatures(featureWords, i * 8));

  return [
    {
      name: 'read a 64-bit member',
      goal: [{ of: 'bare', most: 1.4 }],
      cases: [
        {
          column: 'bare',
          run: (count) => {
            const kept = [...values];
            for (let i = 0; i < count; i++) kept[i & MASK] = u64[(exitBases[i & MASK]! + 0x100) >>> 3]!;
            return kept;
          },
        },
        {
          column: 'by hand',
          run: (count) => {
            const kept = [...values];
            for (let i = 0; i < count; i++) kept[i & MASK] = hands[i & MASK]!.gicv3_hcr;
            return kept;
          },
        },
        {
          column: 'rmigen',
          run: (count) => {
            const kept = [...values];
            for (let i = 0; i < count; i++) kept[i & MASK] = exits[i & MASK]!.esr;
            return kept;
          },
        },
        {
          column: 'kaitai-struct',
          run: (count) => {
            let value = 0;
            for (let i = 0; i < count; i++) value = new peer.KaitaiLazyExit(exitStreams[i & MASK]!).esr;
            return value;
          },
        },
        {
          column: 'structurae',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) value = structuraeExits[i & MASK]!.get('esr');
            return value;
          },
        },
        {
          column: 'binary-parser',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) value = peer.parserWord.parse(exitBytes[i & MASK]!);
            return value;
          },
        },
        {
          column: 'restructure',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) {
              exitStream.pos = exitBases[i & MASK]! + 0x100;
              value = peer.restructureWord.decode(exitStream);
            }
            return value;
          },
        },
        {
          column: 'typed-struct',
          run: (count) => {
            const kept = [...values];
            for (let i = 0; i < count; i++) kept[i & MASK] = typedExits[i & MASK]!.esr;
            return kept;
          },
        },
      ],
    },
    {
      name: 'write a 64-bit member',
      cases: [
        {
          column: 'bare',
          run: (count) => {
            for (let i = 0; i < count; i++) u64[(enterBases[i & MASK]! + 0x300) >>> 3] = values[i & MASK]!;
          },
        },
        {
          column: 'by hand',
          run: (count) => {
            for (let i = 0; i < count; i++) hands[i & MASK]!.gicv3_hcr = values[i & MASK]!;
          },
        },
        {
          column: 'by hand, checked',
          run: (count) => {
            for (let i = 0; i < count; i++) handsChecked[i & MASK]!.gicv3_hcr = values[i & MASK]!;
          },
        },
        {
          column: 'rmigen',
          run: (count) => {
            for (let i = 0; i < count; i++) enters[i & MASK]!.gicv3_hcr = values[i & MASK]!;
          },
        },
        {
          column: 'structurae',
          run: (count) => {
            for (let i = 0; i < count; i++) structuraeEnters[i & MASK]!.set('gicv3_hcr', values[i & MASK]!);
          },
        },
        {
          column: 'typed-struct',
          run: (count) => {
            for (let i = 0; i < count; i++) typedEnters[i & MASK]!.gicv3_hcr = values[i & MASK]!;
          },
        },
      ],
    },
    {
      name: 'read a bit of a flags member',
      goal: [{ of: 'by hand', most: 2 }],
      cases: [
        {
          column: 'bare',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++) sum += (u32[enterBases[i & MASK]! >>> 2]! >>> 4) & 1;
            return sum;
          },
        },
        {
          column: 'by hand',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++) sum += hands[i & MASK]!.ripas_response;
            return sum;
          },
        },
        {
          column: 'rmigen',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++) sum += enters[i & MASK]!.flags.ripas_response;
            return sum;
          },
        },
        {
          column: 'kaitai-struct',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++)
              sum += new peer.KaitaiFlags(streams[i & MASK]!).ripas_response ? 1 : 0;
            return sum;
          },
        },
        {
          column: 'structurae',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++)
              sum += Number(((structuraeEnters[i & MASK]!.get('flags') as bigint) >> 4n) & 1n);
            return sum;
          },
        },
        {
          column: 'binary-parser',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) value = peer.parserFlags.parse(enterBytes[i & MASK]!);
            return value;
          },
        },
        {
          column: 'restructure',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++) {
              exitStream.pos = enterBases[i & MASK]!;
              sum += peer.restructureFlags.decode(exitStream).ripas_response ? 1 : 0;
            }
            return sum;
          },
        },
        {
          column: 'typed-struct',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++) sum += typedEnters[i & MASK]!.ripas_response;
            return sum;
          },
        },
      ],
    },
    {
      name: 'write a bit of a flags member',
      goal: [{ of: 'by hand', most: 2 }],
      cases: [
        {
          column: 'bare',
          run: (count) => {
            for (let i = 0; i < count; i++) {
              const at = enterBases[i & MASK]! >>> 2;
              u32[at] = (u32[at]! & ~0x10) | ((i & 1) << 4);
            }
          },
        },
        {
          column: 'by hand',
          run: (count) => {
            for (let i = 0; i < count; i++) hands[i & MASK]!.ripas_response = i & 1;
          },
        },
        {
          column: 'by hand, checked',
          run: (count) => {
            for (let i = 0; i < count; i++) handsChecked[i & MASK]!.ripas_response = i & 1;
          },
        },
        {
          column: 'rmigen',
          run: (count) => {
            for (let i = 0; i < count; i++) enters[i & MASK]!.flags.ripas_response = (i & 1) as 0 | 1;
          },
        },
        {
          column: 'structurae',
          run: (count) => {
            for (let i = 0; i < count; i++) {
              const view = structuraeEnters[i & MASK]!;
              const flags = (view.get('flags') as bigint) & ~0x10n;
              view.set('flags', (i & 1) === 1 ? flags | 0x10n : flags);
            }
          },
        },
        {
          column: 'typed-struct',
          run: (count) => {
            for (let i = 0; i < count; i++) typedEnters[i & MASK]!.ripas_response = i & 1;
          },
        },
      ],
    },
    {
      name: 'read bits 37:34 of a fieldset',
      goal: [{ of: 'by hand', most: 2 }],
      cases: [
        {
          column: 'bare',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++) sum += (featureWords[(i & MASK) * 2 + 1]! >>> 2) & 15;
            return sum;
          },
        },
        {
          column: 'by hand',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++) sum += handFeatures[i & MASK]!.GICV3_NUM_LRS;
            return sum;
          },
        },
        {
          column: 'rmigen',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++) sum += features[i & MASK]!.GICV3_NUM_LRS;
            return sum;
          },
        },
      ],
    },
    {
      name: 'decode all of RmiRecExit',
      goal: [{ of: 'by hand', most: 1.4 }],
      cases: [
        {
          column: 'by hand',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) value = decodeExit(u8, u16, u64, exitBases[i & MASK]!);
            return value;
          },
        },
        {
          column: 'rmigen',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) value = exits[i & MASK]!.toObject();
            return value;
          },
        },
        {
          column: 'kaitai-struct',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) value = new peer.KaitaiExit(exitStreams[i & MASK]!);
            return value;
          },
        },
        {
          column: 'structurae',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) value = structuraeExits[i & MASK]!.toJSON();
            return value;
          },
        },
        {
          column: 'binary-parser',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) value = peer.parserExit.parse(exitBytes[i & MASK]!);
            return value;
          },
        },
        {
          column: 'restructure',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) {
              exitStream.pos = exitBases[i & MASK]!;
              value = peer.restructureExit.decode(exitStream);
            }
            return value;
          },
        },
        {
          column: 'typed-struct',
          run: (count) => {
            let value: unknown;
            for (let i = 0; i < count; i++) {
              const exit = typedExits[i & MASK]!;
              value = {
                ...exit.toJSON(),
                gprs: Array.from(exit.gprs),
                gicv3_lrs: Array.from(exit.gicv3_lrs),
              };
            }
            return value;
          },
        },
      ],
    },
    {
      name: 'encode all of RmiRecEnter, arrays of bigints',
      goal: [
        { of: 'by hand', most: 1.3 },
        { of: 'by hand, checked', most: 1.3 },
      ],
      cases: [
        {
          column: 'by hand',
          run: (count) => {
            for (let i = 0; i < count; i++) encodeEnter(scratch32, scratch64, 0, patches[i & MASK]!);
          },
        },
        {
          column: 'by hand, checked',
          run: (count) => {
            for (let i = 0; i < count; i++) encodeEnterChecked(scratch32, scratch64, 0, patches[i & MASK]!);
          },
        },
        {
          column: 'rmigen',
          run: (count) => {
            for (let i = 0; i < count; i++) scratchEnter.assign(patches[i & MASK]! as RmiRecEnter.Values);
          },
        },
        {
          column: 'structurae',
          run: (count) => {
            for (let i = 0; i < count; i++)
              peer.StructuraeEnter.encode(
                { ...patches[i & MASK]!, flags: 0x11n },
                scratchStructurae,
                0,
                0x800,
                true,
              );
          },
        },
        {
          column: 'restructure',
          run: (count) => {
            for (let i = 0; i < count; i++) {
              peer.restructureEnter.encode(
                new peer.EncodeStream(exitBytes[0]!),
                restructurePatches[i & MASK]!,
              );
            }
          },
        },
        {
          column: 'typed-struct',
          run: (count) => {
            for (let i = 0; i < count; i++) {
              const patch = patches[i & MASK]!;
              Object.assign(scratchTyped, patch.flags);
              scratchTyped.gicv3_hcr = patch.gicv3_hcr;
              scratchTyped.gprs.set(patch.gprs);
              scratchTyped.gicv3_lrs.set(patch.gicv3_lrs);
            }
          },
        },
      ],
    },
    {
      name: 'encode all of RmiRecEnter, BigUint64Arrays',
      goal: [{ of: 'by hand', most: 1.3 }],
      cases: [
        {
          column: 'by hand',
          run: (count) => {
            for (let i = 0; i < count; i++) encodeEnterTyped(typedPatches[i & MASK]!);
          },
        },
        {
          column: 'rmigen',
          run: (count) => {
            for (let i = 0; i < count; i++) scratchEnter.assign(typedPatches[i & MASK]! as RmiRecEnter.Patch);
          },
        },
      ],
    },
    {
      name: 'sum an array of 31 registers',
      cases: [
        {
          column: 'bare',
          run: (count) => {
            let sum = 0n;
            for (let i = 0; i < count; i++) {
              const first = (exitBases[i & MASK]! + 0x200) >>> 3;
              sum = 0n;
              for (let j = 0; j < 31; j++) sum = BigInt.asUintN(64, sum + u64[first + j]!);
            }
            return sum;
          },
        },
        {
          column: 'rmigen',
          run: (count) => {
            let sum = 0n;
            for (let i = 0; i < count; i++) {
              const { gprs } = exits[i & MASK]!;
              sum = 0n;
              for (let j = 0; j < gprs.length; j++) sum = BigInt.asUintN(64, sum + gprs.get(j));
            }
            return sum;
          },
        },
        {
          column: 'kaitai-struct',
          run: (count) => {
            let sum = 0;
            for (let i = 0; i < count; i++) {
              sum = 0;
              for (const value of new peer.KaitaiLazyExit(exitStreams[i & MASK]!).gprs) sum += value;
            }
            return sum;
          },
        },
        {
          column: 'structurae',
          run: (count) => {
            let sum = 0n;
            for (let i = 0; i < count; i++) {
              const gprs = structuraeExits[i & MASK]!.getView('gprs');
              sum = 0n;
              for (let j = 0; j < 31; j++) sum = BigInt.asUintN(64, sum + gprs.get(j));
            }
            return sum;
          },
        },
        {
          column: 'binary-parser',
          run: (count) => {
            let sum = 0n;
            for (let i = 0; i < count; i++) {
              sum = 0n;
              for (const value of peer.parserGprs.parse(exitBytes[i & MASK]!).gprs as bigint[])
                sum = BigInt.asUintN(64, sum + value);
            }
            return sum;
          },
        },
        {
          column: 'typed-struct',
          run: (count) => {
            let sum = 0n;
            for (let i = 0; i < count; i++) {
              const { gprs } = typedExits[i & MASK]!;
              sum = 0n;
              for (let j = 0; j < 31; j++) sum = BigInt.asUintN(64, sum + gprs[j]!);
            }
            return sum;
          },
        },
      ],
    },
  ];

  /** By hand from typed arrays: their bytes as they are. */
  function encodeEnterTyped(enter: Enter): void {
    const { flags } = enter;
    scratch32[0] =
      flags.emul_mmio |
      (flags.inject_sea << 1) |
      (flags.trap_wfi << 2) |
      (flags.trap_wfe << 3) |
      (flags.ripas_response << 4);
    const { gprs, gicv3_lrs } = enter;
    for (let i = 0; i < 31; i++) scratch64[64 + i] = gprs[i]!;
    scratch64[96] = enter.gicv3_hcr;
    for (let i = 0; i < 16; i++) scratch64[97 + i] = gicv3_lrs[i]!;
  }
}
