/** A deliberate fault: a piece of text that occurs once in a file of the simulator, and what takes its place. */
export interface Fault {
  /** Below `runtime/rmm`. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
  /** What somebody has done wrong. */
  readonly what: string;
}

const fault =
  (file: string) =>
  (what: string, find: string, put: string): Fault => ({ file, find, put, what });

const granule = fault('effects/granule.ts');
const data = fault('effects/data.ts');
const realm = fault('effects/realm.ts');
const rec = fault('effects/rec.ts');
const psci = fault('effects/psci.ts');
const rtt = fault('effects/rtt.ts');
const version = fault('effects/features.ts');
const tables = fault('rtt.ts');
const store = fault('store.ts');

export const faults: readonly Fault[] = [
  granule(
    'a delegated Granule stays in the NS PAS',
    'DELEGATED, RmmGptEntry.GPT_REALM',
    'DELEGATED, RmmGptEntry.GPT_NS',
  ),
  granule(
    'a delegated Granule stays UNDELEGATED',
    'RmmGranuleState.DELEGATED',
    'RmmGranuleState.UNDELEGATED',
  ),
  granule('an undelegated Granule ends in the Root PAS', 'RmmGptEntry.GPT_NS', 'RmmGptEntry.GPT_ROOT'),
  granule('contents are not wiped before the Host gets them', 'rmm.memory.wipe(addr);', ''),

  data('nothing is copied', 'copyGranule(rmm.memory, src, data);', ''),
  data(
    'the copy goes the other way',
    'copyGranule(rmm.memory, src, data)',
    'copyGranule(rmm.memory, data, src)',
  ),
  data(
    'the RIM leaves Data out',
    'realm.measurements[0] = state.RimExtendData(realm, ipa, data, flags);',
    '',
  ),
  data(
    'the source is measured under its own address',
    'RimExtendData(realm, ipa,',
    'RimExtendData(realm, src,',
  ),
  data('new Data has RIPAS EMPTY', 'ipa, data, RmmRipas.RAM)', 'ipa, data, RmmRipas.EMPTY)'),
  data('unknown Data shows what was there', 'rmm.memory.wipe(data);\n  assign', 'assign'),
  data('unknown Data becomes RAM', 'ipa, data, undefined)', 'ipa, data, RmmRipas.RAM)'),
  data('a mapped Granule stays DELEGATED', 'RmmGranuleState.DATA', 'RmmGranuleState.DELEGATED'),
  data(
    'the entry has the address of the RD',
    'RmmRttEntryState.ASSIGNED, data',
    'RmmRttEntryState.ASSIGNED, rd',
  ),
  data('destroyed Data stays DATA', '(data, RmmGranuleState.DELEGATED)', '(data, RmmGranuleState.DATA)'),
  data(
    'the entry becomes that of an Unprotected IPA',
    'RmmRttEntryState.UNASSIGNED,',
    'RmmRttEntryState.UNASSIGNED_NS,',
  ),
  data('destroyed RAM is not DESTROYED', 'RmmRipas.DESTROYED);', 'RmmRipas.EMPTY);'),
  data('what was EMPTY becomes DESTROYED', '=== RmmRipas.RAM)', '=== RmmRipas.EMPTY)'),
  data('the wrong Granule is reported', 'output.data = data;', 'output.data = ipa;'),
  data(
    'top is the IPA itself',
    'output.top = state.RttSkipNonLiveEntries(rtt, rtt.level, ipa);',
    'output.top = ipa;',
  ),

  realm('LPA2 is turned around', 'RmiFeature.RMI_FEATURE_TRUE ?', 'RmiFeature.RMI_FEATURE_FALSE ?'),
  realm(
    'the hash algorithm is turned around',
    'RmiHashAlgorithm.RMI_HASH_SHA_256',
    'RmiHashAlgorithm.RMI_HASH_SHA_512',
  ),
  realm(
    'the IPA space is a bit too wide',
    'realm.ipa_width = params.s2sz;',
    'realm.ipa_width = params.s2sz + 1;',
  ),
  realm('the RPV is lost', 'realm.rpv = params.rpv.slice();', ''),
  realm(
    'the RIM does not begin with the parameters',
    'realm.measurements[0] = state.RimInit(realm.hash_algo, params);',
    '',
  ),
  realm(
    'all starting level RTTs begin at IPA 0',
    'realm.rtt_level_start, i * span, rd)',
    'realm.rtt_level_start, 0, rd)',
  ),
  realm(
    'Protected entries begin as RAM',
    'Rtt.unassigned(true, RmmRipas.EMPTY)',
    'Rtt.unassigned(true, RmmRipas.RAM)',
  ),
  realm('one entry too few is Protected', '0, protectedEntries)', '0, protectedEntries - 1)'),
  realm('starting level RTTs stay DELEGATED', 'RmmGranuleState.RTT', 'RmmGranuleState.DELEGATED'),
  realm('the RD stays DELEGATED', 'RmmGranuleState.RD', 'RmmGranuleState.DELEGATED'),
  realm('an activated Realm is off', 'RmmRealmState.REALM_ACTIVE', 'RmmRealmState.REALM_SYSTEM_OFF'),
  realm(
    'starting level RTTs do not come back',
    'setState(rtt.address, RmmGranuleState.DELEGATED)',
    'setState(rtt.address, RmmGranuleState.RTT)',
  ),
  realm('the VMID is never free again', 'store.vmids.delete(realm.vmid);', ''),
  realm('a destroyed Realm is still there', 'store.realms.delete(rd);', ''),

  rec('the MPIDR is lost', 'rec.mpidr = params.mpidr.$value;', ''),
  rec('the entry point is lost', 'rec.pc = params.pc;', ''),
  rec(
    'X0 of the REC is taken from X1',
    'rec.gprs[i] = params.gprs.get(i)',
    'rec.gprs[i] = params.gprs.get(1)',
  ),
  rec('RECs that cannot run are measured instead', 'if (runnable) realm', 'if (!runnable) realm'),
  rec(
    'runnable is turned around',
    'runnable ? RmmRecRunnable.RUNNABLE : RmmRecRunnable.NOT_RUNNABLE',
    'runnable ? RmmRecRunnable.NOT_RUNNABLE : RmmRecRunnable.RUNNABLE',
  ),
  rec('auxiliary Granules stay DELEGATED', 'RmmGranuleState.REC_AUX', 'RmmGranuleState.DELEGATED'),
  rec('the REC index is not counted', 'realm.rec_index++;', ''),
  rec('RECs are not counted', 'realm.num_recs++;', ''),
  rec('a destroyed REC is still counted', 'store.realms.get(rec.owner)!.num_recs--;', ''),
  rec(
    'auxiliary Granules do not come back',
    'store.granules.setState(aux, RmmGranuleState.DELEGATED)',
    'store.granules.setState(aux, RmmGranuleState.REC_AUX)',
  ),
  rec('a destroyed REC is still there', 'store.recs.delete(rec_ptr);', ''),

  psci(
    'a completed call stays pending',
    'RmmPsciPending.NO_PSCI_REQUEST_PENDING',
    'RmmPsciPending.PSCI_REQUEST_PENDING',
  ),
  psci('the target does not become runnable', 'target.flags.runnable = RmmRecRunnable.RUNNABLE;', ''),
  psci('the target starts at its context', 'target.pc = calling.gprs[2]!', 'target.pc = calling.gprs[3]!'),
  psci('the target keeps its registers', 'target.gprs.fill(0n);', ''),
  psci(
    'a REC that is on is said to be off',
    '? PsciReturnCode.PSCI_SUCCESS : PsciReturnCode.PSCI_OFF',
    '? PsciReturnCode.PSCI_OFF : PsciReturnCode.PSCI_SUCCESS',
  ),
  psci('X1 of the caller keeps its value', 'calling.gprs[1] = 0n;', ''),

  rtt('a new table does not say what its entry said', 'table.fill(parent.rtt.entry(parent.index));', ''),
  rtt(
    'a new table covers the wrong IPAs',
    'store.addTable(address, level, ipa, rd)',
    'store.addTable(address, level, 0, rd)',
  ),
  rtt(
    'the parent does not lead to the new table',
    'state: RmmRttEntryState.TABLE',
    'state: RmmRttEntryState.UNASSIGNED',
  ),
  rtt(
    'a new table stays DELEGATED',
    'setState(address, RmmGranuleState.RTT)',
    'setState(address, RmmGranuleState.DELEGATED)',
  ),
  rtt(
    'a table that went does not come back',
    'setState(table.address, RmmGranuleState.DELEGATED)',
    'setState(table.address, RmmGranuleState.RTT)',
  ),
  rtt(
    'what a destroyed table covered is not DESTROYED',
    'isProtected ? RmmRipas.DESTROYED : RmmRipas.EMPTY',
    'RmmRipas.EMPTY',
  ),
  rtt(
    'a folded entry forgets what it covered',
    'rtt.set(index, folded);',
    'rtt.set(index, { ...folded, addr: 0 });',
  ),
  rtt(
    'a folded table is left where it is',
    'release(rmm, table);\n  rtt.set(index, folded);',
    'rtt.set(index, folded);',
  ),
  rtt(
    'initial RAM is EMPTY',
    'setRipas(rtt, base, end, RmmRipas.RAM)',
    'setRipas(rtt, base, end, RmmRipas.EMPTY)',
  ),
  rtt(
    'the RIM leaves the RIPAS out',
    'realm.measurements[0] = state.RimExtendRipas(realm, base, end, rtt.level);',
    '',
  ),
  rtt(
    'one entry too many changes',
    'for (let ipa = base; ipa < top; ipa += size)',
    'for (let ipa = base; ipa <= top; ipa += size)',
  ),
  rtt('DESTROYED does not stop a RIPAS change', '!state.mayChangeDestroyed(rec)', 'false'),
  rtt('the REC forgets how far its change has come', 'rec.ripas_addr = Math.min(top, end);', ''),
  rtt(
    'access permissions are lost',
    'RmmRttEntryState.ASSIGNED_NS, MemAttr, S2AP }',
    'RmmRttEntryState.ASSIGNED_NS, MemAttr, S2AP: 0 }',
  ),
  rtt(
    'an unmapped entry is that of a Protected IPA',
    'rtt.set(index, Rtt.unassigned(false, RmmRipas.EMPTY));',
    'rtt.set(index, Rtt.unassigned(true, RmmRipas.EMPTY));',
  ),
  rtt(
    'the RIPAS of Data is not read',
    'output.desc = descriptorOf(addr, 0, 0, lpa2);\n      output.ripas = state.RipasToRmi(ripas)!;',
    'output.desc = descriptorOf(addr, 0, 0, lpa2);',
  ),
  rtt(
    'attributes of an Unprotected entry are not read',
    'descriptorOf(addr, MemAttr, S2AP, lpa2)',
    'descriptorOf(addr, 0, 0, lpa2)',
  ),

  version(
    'a revision that is not there is said to be compatible',
    'compatible ? RmiStatusCode.RMI_SUCCESS : RmiStatusCode.RMI_ERROR_INPUT',
    'RmiStatusCode.RMI_SUCCESS',
  ),
  version(
    'every feature register is the first one',
    'rmm.featureRegisters[Number(index)]! : 0n',
    'rmm.featureRegisters[Number(index)]! : rmm.featureRegisters[0]!',
  ),

  tables('the pages of a block do not follow each other', 'addr + (index - from) * size', 'addr'),
  tables(
    'state and RIPAS change places',
    'this.#kinds[index] = entry.state | (entry.ripas << RIPAS_LSB);',
    'this.#kinds[index] = entry.ripas | (entry.state << RIPAS_LSB);',
  ),
  store('a table that went is still there', 'this.rtts.delete(rtt.address);', ''),
];
