import { describe, expect, test } from 'vitest';
import { RmmGranuleState, RmmRealmState } from '../../generated/rmm-1.0-rel0/conditions/index.js';
import { type Evaluation, permitsSuccess, permittedFailures } from '../../runtime/conditions/index.js';
import type { AbstractState } from './abstract-state.js';
import { encode, type Fields, flags } from './layout.js';
import { compiled, specification } from './model.js';
import type { Exact } from './naive.js';
import { represent } from './scenario.js';
import { NO_PROSE } from './search.js';
import { HIGH, owned, World } from './world.js';

/**
 * A condition that speaks of what does not exist in a state neither holds nor is excluded (B1.6): it is open. An
 * ordered failure stands in front of it.
 */
function judge(command: string, state: AbstractState, input: Record<string, bigint | number>) {
  const code = compiled(command);
  const exact: Exact = Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, BigInt(value)]),
  );
  const given = represent(specification.conditions.get(command)!.command.inputs, exact);
  const evaluation = code.evaluate(state, given, NO_PROSE);
  const ids = (set: number): readonly string[] =>
    code.failures.flatMap(({ id }, i) => (((set >> i) & 1) !== 0 ? [id] : []));
  const predecessors = code.failures.map((failure) => failure.predecessors);
  return {
    held: ids(evaluation.held),
    open: ids(evaluation.open),
    permitted: permittedFailures(evaluation, predecessors).map((i) => code.failures[i]!.id),
    success: permitsSuccess(evaluation),
  };
}

describe('a Granule that is no RD has no Realm', () => {
  const world = new World();
  const rd = world.realm();
  world.table(rd, 0);
  const data = world.take(RmmGranuleState.DELEGATED);
  const other = world.take(RmmGranuleState.DELEGATED);
  const src = world.page();
  const input = { rd, data, ipa: 0, src, flags: 0 };

  test('what reads the Realm is open, and rd_state is the answer', () => {
    expect(judge('RMI_DATA_CREATE', world.state, { ...input, rd: other })).toEqual({
      held: ['rd_state'],
      open: ['ipa_bound', 'realm_state', 'rtt_walk', 'rtte_state'],
      permitted: ['rd_state'],
      success: false,
    });
  });

  test('nothing is open where it is one', () => {
    expect(judge('RMI_DATA_CREATE', world.state, input)).toEqual({
      held: [],
      open: [],
      permitted: [],
      success: true,
    });
  });

  test('a conjunction is decided by the side that is false', () => {
    // feat_lpa2 of no Realm does not matter for an address that needs no LPA2; for one that does, it is open.
    expect(judge('RMI_DATA_CREATE', world.state, { ...input, rd: other }).open).not.toContain('data_bound2');
    expect(judge('RMI_DATA_CREATE', world.state, { ...input, rd: other, data: HIGH }).open).toContain(
      'data_bound2',
    );
  });

  test('a negation of what has no value has none', () => {
    // GranuleAccessPermitted is asked of an address that is no Granule's.
    expect(judge('RMI_DATA_CREATE', world.state, { ...input, src: src + 8 })).toMatchObject({
      held: ['src_align'],
      open: ['src_pas'],
    });
  });

  test('a disjunction is open where neither side has a value', () => {
    expect(judge('RMI_RTT_CREATE', world.state, { rd: other, rtt: data, ipa: 0, level: 3 }).open).toContain(
      'level_bound',
    );
  });

  test('an ordered failure that is open does not stand in front of one that holds', () => {
    const realmless = World.after(world.state, ({ state }) => state.realms.delete(rd));
    const judged = judge('RMI_RTT_INIT_RIPAS', realmless, { rd, base: 0, top: 8 });
    expect(judged.held).toEqual(['top_gran_align']);
    expect(judged.open).toContain('no_progress');
    expect(judged.permitted).toEqual(['top_gran_align']);
  });
});

describe('success is permitted only where no failure is open', () => {
  const world = new World();
  const rd = world.realm();
  const rec = world.rec(rd);
  world.changeRealm(rd, { state: RmmRealmState.REALM_ACTIVE });
  const run_ptr = world.page();

  test('a REC of an active Realm can be entered', () => {
    expect(judge('RMI_REC_ENTER', world.state, { rec, run_ptr })).toMatchObject({ held: [], success: true });
  });

  test('a REC of no Realm: nothing holds, yet there is no answer', () => {
    const orphan = World.after(world.state, (one) => one.changeRec(rec, { owner: run_ptr }));
    expect(judge('RMI_REC_ENTER', orphan, { rec, run_ptr })).toEqual({
      held: [],
      open: ['realm_new', 'system_off'],
      permitted: [],
      success: false,
    });
  });

  test('an open failure takes success away, and permits nothing', () => {
    const cases: readonly (readonly [Evaluation, boolean])[] = [
      [{ held: 0, open: 0 }, true],
      [{ held: 0, open: 1 }, false],
      [{ held: 2, open: 0 }, false],
      [{ held: 2, open: 1 }, false],
    ];
    for (const [evaluation, success] of cases) {
      expect(permitsSuccess(evaluation)).toBe(success);
      expect(permittedFailures(evaluation, [0, 1])).toEqual(evaluation.held === 2 ? [1] : []);
    }
  });

  test('rec_mmio needs the REC only if the Host says that it emulated an access', () => {
    const emulating = World.after(world.state, (one) => {
      const enter = { flags: flags('RmiRecEnterFlags', { emul_mmio: 1 }) };
      one.write(run_ptr, encode('RmiRecRun', { enter }));
    });
    expect(judge('RMI_REC_ENTER', world.state, { rec: rd, run_ptr }).open).not.toContain('rec_mmio');
    expect(judge('RMI_REC_ENTER', emulating, { rec: rd, run_ptr }).open).toContain('rec_mmio');
  });
});

describe('arguments outside the domain of a function', () => {
  const world = new World();
  const rd = world.realm();
  const rec = world.take(RmmGranuleState.DELEGATED);
  const aux = [world.take(RmmGranuleState.DELEGATED), world.take(RmmGranuleState.DELEGATED)];
  const params_ptr = world.page();
  const create = (values: Fields) => {
    const params = encode('RmiRecParams', { num_aux: 2n, aux, ...values });
    const state = World.after(world.state, (one) => one.write(params_ptr, params));
    return judge('RMI_REC_CREATE', state, { rd, rec, params_ptr });
  };

  test('more auxiliary Granules than a list has', () => {
    expect(create({})).toMatchObject({ held: [], success: true });
    expect(create({ num_aux: 17n })).toMatchObject({
      held: ['num_aux'],
      open: ['aux_align', 'aux_alias', 'aux_state'],
    });
  });

  test('an auxiliary Granule that is not aligned has no state', () => {
    expect(create({ aux: [aux[0]! + 8, aux[1]!] })).toMatchObject({
      held: ['aux_align'],
      open: ['aux_state'],
    });
    // Unless another address decides.
    expect(create({ aux: [aux[0]! + 8, rd] })).toMatchObject({
      held: ['aux_align', 'aux_state'],
      open: [],
    });
  });

  test('no starting level RTTs', () => {
    const run = world.take(RmmGranuleState.DELEGATED);
    const params = { s2sz: 30, num_bps: 1, num_wps: 1, vmid: 9, rtt_base: BigInt(run), rtt_level_start: 2n };
    const made = (rtt_num_start: number) => {
      const state = World.after(world.state, (one) => {
        one.write(params_ptr, encode('RmiRealmParams', { ...params, rtt_num_start }));
      });
      return judge('RMI_REALM_CREATE', state, { rd: rec, params_ptr });
    };
    expect(made(1)).toMatchObject({ held: [], success: true });
    expect(made(0)).toEqual({
      held: ['rtt_num_level'],
      open: ['rtt_align'],
      permitted: ['rtt_num_level'],
      success: false,
    });
  });

  test('parameters that the Non-secure PAS cannot read', () => {
    const taken = World.after(world.state, (one) =>
      one.state.granules.set(params_ptr, owned(RmmGranuleState.DELEGATED)),
    );
    expect(judge('RMI_REALM_CREATE', taken, { rd: rec, params_ptr })).toEqual({
      held: ['params_pas'],
      open: ['params_valid', 'params_supp', 'alias', 'rtt_align', 'rtt_num_level', 'rtt_state', 'vmid_valid'],
      permitted: ['params_pas'],
      success: false,
    });
  });
});

describe('after the command', () => {
  const world = new World();
  const rd = world.realm();
  const code = compiled('RMI_RTT_UNMAP_UNPROTECTED');
  const rtt_walk = code.failures.findIndex(({ id }) => id === 'rtt_walk');
  const walk = { rd, ipa: 2 ** 29, level: 3 };
  const output = (index: number, top: number) => ({ result: { status: 4, index }, top });

  test('a promise about what does not exist is not kept', () => {
    expect(code.postHolds(rtt_walk, world.state, walk, output(2, 2 ** 30))).toBe(true);
    expect(code.postHolds(rtt_walk, world.state, { ...walk, rd: rd + 4096 }, output(2, 2 ** 30))).toBe(false);
    expect(code.outcome(rtt_walk, world.state, walk)).toEqual({ failure: rtt_walk, status: 4, index: 2 });
    expect(code.outcome(rtt_walk, world.state, { ...walk, rd: rd + 4096 })).toEqual({
      failure: rtt_walk,
      status: 4,
      index: undefined,
    });
    const gone = World.after(world.state, ({ state }) => state.realms.delete(rd));
    expect(code.brokenSuccess(world.state, gone, walk, output(2, 2 ** 30), NO_PROSE)).toBe('rtte_state');
  });

  test('a level below zero shows as the index field holds it', () => {
    const deep = new World();
    const low = deep.realm({ ipa_width: 50, rtt_level_start: -1, feat_lpa2: 1 });
    const input = { rd: low, ipa: 2 ** 49, level: 3 };
    expect(code.outcome(rtt_walk, deep.state, input).index).toBe(255);
    expect(code.postHolds(rtt_walk, deep.state, input, output(255, 2 ** 57))).toBe(true);
  });

  test('a failure that there is not is refused', () => {
    expect(() => code.outcome(99, world.state, walk)).toThrow(RangeError);
    expect(() => code.postHolds(-1, world.state, walk, output(2, 0))).toThrow(RangeError);
  });
});
