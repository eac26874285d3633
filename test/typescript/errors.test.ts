import { describe, expect, test } from 'vitest';
import {
  RMI_DATA_CREATE,
  RMI_RTT_READ_ENTRY,
  RmiFeatureRegister0,
  RmiRealmParams,
  RmiRecEnter,
  RmiRecExit,
  RmiRecRun,
  RmiRipas,
  RmmMeasurementDescriptorData,
  RSI_IPA_STATE_GET,
} from '../../generated/rmm-1.0-rel0/typescript/index.js';
import { allocate, Memory, Registers } from '../../runtime/bits/index.js';

/** What is said of a wrong value, to the letter: the place, its bits or bytes, the section, and what is wrong. */

function message(write: () => unknown): string {
  try {
    write();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'nothing is refused';
}

const exit = allocate(RmiRecExit);
const enter = allocate(RmiRecEnter);
const params = allocate(RmiRealmParams);
const features = RmiFeatureRegister0.of(0n);

describe('a member', () => {
  test('holds labels of its enumeration', () => {
    expect(
      message(() => {
        exit.ripas_value = 3 as RmiRipas;
      }),
    ).toBe(
      'RangeError: RmiRecExit.ripas_value (byte 0x510, 8 bits, B4.4.16): 3 is a reserved encoding of RmiRipas (B4.4.23)',
    );
    expect(
      message(() => {
        exit.ripas_value = 256 as RmiRipas;
      }),
    ).toBe(
      'RangeError: RmiRecExit.ripas_value (byte 0x510, 8 bits, B4.4.16): 256 does not fit in 8 bits (0 to 255)',
    );
    expect(
      message(() => {
        exit.ripas_value = 'RMI_RAM' as never;
      }),
    ).toBe(
      'TypeError: RmiRecExit.ripas_value (byte 0x510, 8 bits, B4.4.16): expected a number, found the string "RMI_RAM"',
    );
  });

  test('of 32 bits or less is a number', () => {
    expect(
      message(() => {
        params.s2sz = 300;
      }),
    ).toBe(
      'RangeError: RmiRealmParams.s2sz (byte 0x8, 8 bits, B4.4.12): 300 does not fit in 8 bits (0 to 255)',
    );
    expect(
      message(() => {
        params.s2sz = 1.5;
      }),
    ).toBe('RangeError: RmiRealmParams.s2sz (byte 0x8, 8 bits, B4.4.12): 1.5 is not an integer');
    expect(
      message(() => {
        params.s2sz = 48n as never;
      }),
    ).toBe(
      'TypeError: RmiRealmParams.s2sz (byte 0x8, 8 bits, B4.4.12): expected a number, found the bigint 48',
    );
  });

  test('of 64 bits is a bigint', () => {
    expect(
      message(() => {
        exit.esr = 1n << 64n;
      }),
    ).toBe(
      'RangeError: RmiRecExit.esr (byte 0x100, 64 bits, B4.4.16): 0x10000000000000000 does not fit in 64 bits',
    );
    expect(
      message(() => {
        exit.esr = -1n;
      }),
    ).toBe('RangeError: RmiRecExit.esr (byte 0x100, 64 bits, B4.4.16): -1 does not fit in 64 bits');
    expect(
      message(() => {
        exit.esr = 5 as never;
      }),
    ).toBe('TypeError: RmiRecExit.esr (byte 0x100, 64 bits, B4.4.16): expected a bigint, found the number 5');
    expect(
      message(() => {
        params.rtt_level_start = 1n << 63n;
      }),
    ).toBe(
      'RangeError: RmiRealmParams.rtt_level_start (byte 0x810, 64 bits, B4.4.12): 0x8000000000000000 does not fit in 64 bits, signed',
    );
  });

  test('wider than that is bytes of its length', () => {
    expect(
      message(() => {
        params.rpv = new Uint8Array(63);
      }),
    ).toBe('RangeError: RmiRealmParams.rpv (byte 0x400, 512 bits, B4.4.12): expected 64 bytes, found 63');
    expect(
      message(() => {
        params.rpv = [1, 2] as never;
      }),
    ).toBe(
      'TypeError: RmiRealmParams.rpv (byte 0x400, 512 bits, B4.4.12): expected a Uint8Array, found an array',
    );
  });

  test('that the document fixes holds that value', () => {
    const descriptor = allocate(RmmMeasurementDescriptorData).$clear();
    expect(descriptor.len).toBe(0x100n);
    expect(
      message(() => {
        descriptor.len = 0x80n;
      }),
    ).toBe(
      'RangeError: RmmMeasurementDescriptorData.len (byte 0x8, 64 bits, C1.11): it is always 256, not 128',
    );
  });
});

test('a field fits its bits', () => {
  expect(
    message(() => {
      features.SVE_VL = 16;
    }),
  ).toBe('RangeError: RmiFeatureRegister0.SVE_VL (bits 13:10, B4.4.6): 16 does not fit in 4 bits (0 to 15)');
  expect(
    message(() => {
      features.PMU_EN = 2 as never;
    }),
  ).toBe('RangeError: RmiFeatureRegister0.PMU_EN (bit 26, B4.4.6): 2 does not fit in 1 bit (0 to 1)');
  expect(
    message(() => {
      enter.gicv3_hcr$.EOIcount = 32;
    }),
  ).toBe(
    'RangeError: ICH_HCR_EL2.EOIcount (bits 31:27, GICv3 IHI 0069, ICH_HCR_EL2): 32 does not fit in 5 bits (0 to 31)',
  );
  expect(
    message(() => {
      features.$value = -1n;
    }),
  ).toBe('RangeError: RmiFeatureRegister0 (64 bits, B4.4.6): -1 does not fit in 64 bits');
});

describe('an array', () => {
  test('has as many elements as the document says', () => {
    expect(message(() => enter.gprs.get(31))).toBe(
      'RangeError: RmiRecEnter.gprs (byte 0x200, 31 x 64 bits, B4.4.14): there is no element 31; the last one is 30',
    );
    expect(message(() => enter.gprs.set(-1, 0n))).toBe(
      'RangeError: RmiRecEnter.gprs (byte 0x200, 31 x 64 bits, B4.4.14): there is no element -1; the last one is 30',
    );
    expect(message(() => enter.assign({ gprs: [1n] }))).toBe(
      'RangeError: RmiRecEnter.gprs (byte 0x200, 31 x 64 bits, B4.4.14): expected 31 elements, found 1',
    );
    expect(message(() => enter.assign({ gprs: new BigUint64Array(32) }))).toBe(
      'RangeError: RmiRecEnter.gprs (byte 0x200, 31 x 64 bits, B4.4.14): expected 31 elements, found 32',
    );
    expect(message(() => enter.assign({ gprs: 5n as never }))).toBe(
      'TypeError: RmiRecEnter.gprs (byte 0x200, 31 x 64 bits, B4.4.14): expected an array, found the bigint 5',
    );
  });

  test('has elements that fit', () => {
    expect(message(() => enter.gprs.set(3, 2n ** 64n))).toBe(
      'RangeError: RmiRecEnter.gprs[3] (byte 0x218, 64 bits, B4.4.14): 0x10000000000000000 does not fit in 64 bits',
    );
    const gprs = new Array<bigint>(31).fill(0n);
    gprs[30] = -1n;
    expect(message(() => enter.assign({ gprs }))).toBe(
      'RangeError: RmiRecEnter.gprs[30] (byte 0x2f0, 64 bits, B4.4.14): -1 does not fit in 64 bits',
    );
  });
});

test('an accessor lies within its memory', () => {
  expect(message(() => new RmiRecEnter(Memory.alloc(0x1000), 0xa00))).toBe(
    'RangeError: RmiRecEnter: 0x800 bytes at 0xa00 are not within 0x1000 bytes of memory',
  );
  expect(message(() => new RmiRecEnter(Memory.alloc(0x1000), -8))).toBe(
    'RangeError: RmiRecEnter: 0x800 bytes at -8 are not within 0x1000 bytes of memory',
  );
});

test('what an accessor gave out moves with it only', () => {
  const run = allocate(RmiRecRun);
  expect(
    message(() => {
      run.enter.$base = 0;
    }),
  ).toBe('TypeError: RmiRecEnter: it lies in another accessor and moves with it; set the base of that one');
});

test('memory whose buffer was transferred is gone, not zero', () => {
  const memory = Memory.alloc(0x800);
  const gone = new RmiRecExit(memory);
  gone.esr = 1n;
  structuredClone(memory.buffer, { transfer: [memory.buffer as ArrayBuffer] });
  const said = 'RangeError: Memory: 8 bytes at 0x100 are not within its 0x800 bytes';
  expect(message(() => gone.esr)).toBe(said);
  expect(
    message(() => {
      gone.esr = 2n;
    }),
  ).toBe(said);
  expect(message(() => gone.gprs.get(0))).toMatch(/^RangeError: Memory: /);
  expect(message(() => gone.gprs.assign(new BigUint64Array(31)))).toMatch(/^RangeError: Memory: /);
  expect(message(() => gone.exit_reason)).toMatch(/^RangeError: Memory: /);
  expect(message(() => gone.toObject())).toMatch(/^RangeError: Memory: /);
});

test('a value of a command fits its register', () => {
  const registers = new Registers();
  const given = { rd: 0n, data: 0n, ipa: 0n, src: 0n, flags: { measure: 0 } } as const;
  expect(message(() => RMI_DATA_CREATE.encodeInputs(registers, { ...given, ipa: -1n }))).toBe(
    'RangeError: RMI_DATA_CREATE.ipa (X3, B4.3.1): -1 does not fit in 64 bits',
  );
  expect(
    message(() =>
      RSI_IPA_STATE_GET.encodeOutputs(registers, {
        ...RSI_IPA_STATE_GET.decodeOutputs(new Registers()),
        ripas: 4 as never,
      }),
    ),
  ).toBe(
    'RangeError: RSI_IPA_STATE_GET.ripas (X2 bits 7:0, B5.3.5): 4 is a reserved encoding of RsiRipas (B5.4.7)',
  );
  expect(
    message(() => RMI_RTT_READ_ENTRY.encodeInputs(registers, { rd: 0n, ipa: 0n, level: 1n << 63n })),
  ).toBe(
    'RangeError: RMI_RTT_READ_ENTRY.level (X3, B4.3.20): 0x8000000000000000 does not fit in 64 bits, signed',
  );
  expect(message(() => registers.set(17, 0n))).toBe(
    'RangeError: Registers: there is no element 17; the last one is 16',
  );
  expect(message(() => registers.set(3, 2n ** 64n))).toBe(
    'RangeError: X3: 0x10000000000000000 does not fit in 64 bits',
  );
});

test('a reserved encoding can be read, and told from labels', () => {
  exit.$bytes[0x510] = 7;
  const ripas = exit.ripas_value;
  expect(ripas).toBe(7);
  expect(RmiRipas.is(ripas)).toBe(false);
  expect(RmiRipas.nameOf(ripas)).toBeUndefined();
  expect(RmiRipas.nameOf(RmiRipas.RMI_RAM)).toBe('RMI_RAM');
});
