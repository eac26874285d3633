import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SpecFolder } from '../../cli/spec-folder.js';
import * as rmm from '../../generated/rmm-2.0-bet3/typescript/index.js';
import { metadata } from '../../generated/rmm-2.0-bet3/typescript/metadata.js';
import { loadModel } from '../../generator/index.js';
import { Registers } from '../../runtime/bits/index.js';

const {
  RmiAddrRangeDesc,
  RmiAddrRangeDesc4KB,
  RmiAddrRangeDesc64KB,
  RmiAddrSetDesc,
  RmiAddrSetList,
  RmiGranuleSize,
  RmiOpMemReq,
  RmiOpMemState,
  RmiResult,
  RmiResultDataIncomplete,
  RmiResultDataLevel,
  RmiResultDataNull,
  RmiRttAddrType,
  RmiStatusCode,
} = rmm;

describe('bits whose layout another value decides', () => {
  test('are read in the layout that a field beside them gives', () => {
    // What a walk that ended at level 2 returns, and an operation that waits for memory and can be cancelled.
    const level = RmiResult.of(0x0204n).data$layout();
    expect(level).toBeInstanceOf(RmiResultDataLevel);
    expect(level?.toObject()).toEqual({ level: 2 });
    const incomplete = RmiResult.of(0x050dn).data$layout();
    expect(incomplete).toBeInstanceOf(RmiResultDataIncomplete);
    expect(incomplete?.toObject()).toEqual({ mem: RmiOpMemReq.RMI_OP_MEM_REQ_DONATE, cancel: 1 });
    expect(RmiResult.of(0n).data$layout()).toBeInstanceOf(RmiResultDataNull);
    // A status that there is not.
    expect(RmiResult.of(0xffn).data$layout()).toBeInstanceOf(RmiResultDataNull);
  });

  test('and in that of a value that stands elsewhere', () => {
    const value = (1n << 62n) | 0x1234_0000n | (5n << 2n) | 1n;
    const descriptor = RmiAddrRangeDesc.of(value);
    const small = descriptor.data$layout(RmiGranuleSize.RMI_GRANULE_SIZE_4KB);
    expect(small).toBeInstanceOf(RmiAddrRangeDesc4KB);
    expect(small?.toObject()).toEqual({
      size: 1,
      count: 5,
      addr: 0x12340n,
      state: RmiOpMemState.RMI_OP_MEM_UNDELEGATED,
    });
    const large = descriptor.data$layout(RmiGranuleSize.RMI_GRANULE_SIZE_64KB);
    expect(large).toBeInstanceOf(RmiAddrRangeDesc64KB);
    expect(large?.toObject()).toMatchObject({ count: 5, addr: 0x1234n });
  });

  test('or in none', () => {
    const set = RmiAddrSetDesc.of(0x8000_0000n);
    expect(set.data$layout(RmiRttAddrType.RMI_ADDR_TYPE_NONE)).toBeUndefined();
    expect(set.data$layout(RmiRttAddrType.RMI_ADDR_TYPE_SINGLE)).toBeInstanceOf(RmiAddrRangeDesc);
    expect(set.data$layout(RmiRttAddrType.RMI_ADDR_TYPE_LIST)).toBeInstanceOf(RmiAddrSetList);
  });

  test('are written as the integer that they are', () => {
    const result = RmiResult.of({
      status: RmiStatusCode.RMI_ERROR_RTT,
      data: RmiResultDataLevel.of({ level: 3 }).$value,
    });
    expect(result.$value).toBe(0x0304n);
  });

  test('are copies: writing one changes nothing', () => {
    const result = RmiResult.of(0x0204n);
    const layout = result.data$layout();
    if (layout instanceof RmiResultDataLevel) layout.level = 7;
    expect(result.$value).toBe(0x0204n);
  });

  test('say in the metadata what decides', () => {
    const type = metadata.types.RmiAddrRangeDesc!;
    const cases = type.kind === 'fieldset' ? type.fields[0]!.cases : undefined;
    expect(cases).toMatchObject({ by: 'RmiRmmConfig.rmi_granule_size', selector: 'RmiGranuleSize' });
    expect(cases?.cases.map((one) => [one.when, one.type])).toEqual([
      [['RMI_GRANULE_SIZE_4KB'], 'RmiAddrRangeDesc4KB'],
      [['RMI_GRANULE_SIZE_16KB'], 'RmiAddrRangeDesc16KB'],
      [['RMI_GRANULE_SIZE_64KB'], 'RmiAddrRangeDesc64KB'],
    ]);
  });
});

describe('2.0-bet3', () => {
  const { model } = loadModel(
    'rmm-2.0-bet3',
    new SpecFolder(join(import.meta.dirname, '../../spec'), 'spec'),
  );

  test('packs the call that donates memory as TF-RMM reads it', () => {
    const registers = new Registers();
    rmm.RMI_OP_MEM_DONATE.encodeInputs(registers, { handle: 7n, list_addr: 0x8000_0000n, list_count: 3n });
    expect([...registers.toArray().slice(0, 4)]).toEqual([0xc400_0208n, 7n, 0x8000_0000n, 3n]);
  });

  test('returns an RmiResult from each of its commands', () => {
    expect(model!.commands.size).toBe(91);
    for (const { name, outputs } of model!.commands.values())
      expect([name, outputs[0]?.register, outputs[0]?.type.name]).toEqual([name, 0, 'RmiResult']);
  });

  test('says beside each command that no document has where its values come from', () => {
    const bare = [...model!.commands.values()].filter((one) => one.section === 'B4.5');
    expect(bare.map((one) => one.name).sort()).toEqual([
      'RMI_GPT_INFO',
      'RMI_PDEV_STREAM_INFO',
      'RMI_PSMMU_INFO',
      'RMI_RMM_DEACTIVATE',
      'RMI_RMM_STATE_GET',
    ]);
    expect(bare.every((one) => one.note !== undefined)).toBe(true);
  });
});
