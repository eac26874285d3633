import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { folder, rmigen, root, write } from '../cli/harness.js';
import { Auditor, compilers, editions, generated } from './support.js';

const env = { PATH: process.env.PATH ?? '', CC: compilers[0] ?? 'cc' };
const linux = generated('rmm-1.0-rel0/c/linux/rmi_smc.h');

/** Audits a header in a folder of its own. */
async function run(text: string, ...args: readonly string[]) {
  const cwd = folder({ 'rmi.h': text });
  return rmigen(cwd, ['audit', 'rmi.h', '--spec', join(root, 'spec'), ...args], { env });
}

/** The generated header with one text in it replaced, which must be there. */
function changed(from: string, to: string): string {
  expect(linux).toContain(from);
  return linux.replace(from, to);
}

/** A report without the lines of the header, which moves as the generator changes. */
function unplaced(text: string): string {
  return text
    .replaceAll(/rmi\.h:[0-9]+:/g, 'rmi.h:N:')
    .replaceAll(/^ +[0-9]+ \|/gm, '  NNN |')
    .replaceAll(/^ +\|/gm, '      |')
    .replaceAll(/in line [0-9]+/g, 'in line N');
}

/** Generated C headers, by their place below `generated`. */
const headers = readdirSync(join(root, 'generated'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\/c\/.*\.h$/.test(path) && !/\/shim\//.test(path))
  .sort();

describe.skipIf(compilers.length === 0)('rmigen audit', () => {
  let auditors: readonly (readonly [string, Auditor])[];
  beforeAll(async () => {
    const all = await editions();
    auditors = compilers.map((cc) => [cc, new Auditor(all, cc)]);
  });

  test.each(headers)('%s is clean, with every compiler the same', async (path) => {
    const version = path.split('/')[0];
    const reports = [];
    for (const [, auditor] of auditors) reports.push(await auditor.audit(generated(path), version));
    const [first] = reports;
    expect(first!.findings.filter(({ rank }) => rank === 'wrong' || rank === 'renamed')).toEqual([]);
    // Mainline leaves LPA2 out.
    const missing = first!.findings.filter(({ rank }) => rank === 'missing').map(({ path: lacks }) => lacks);
    expect(missing).toEqual(path.endsWith('arm-smccc-rmi.h') ? ['RmiRealmFlags0.lpa2'] : []);
    expect(first!.unmeasured).toEqual([]);
    const { constants, members } = first!.judged;
    expect(constants).toBeGreaterThan(20);
    expect(members).toBeGreaterThan(2);
    for (const other of reports) expect(other).toEqual(first);
  });

  test('knows the bits of ICH_HCR_EL2 by the names that kernels have for them', async () => {
    const bits = ['UIE', 'LRENPIE', 'NPIE', 'VGrp0EIE', 'VGrp0DIE', 'VGrp1EIE', 'VGrp1DIE', 'TDIR'];
    const name = 'RMI_PERMITTED_GICV3_HCR_BITS';
    const mask = (prefix: string, ...more: readonly string[]) =>
      linux.replace(
        /(#define RMI_PERMITTED_GICV3_HCR_BITS\t)\([\s\S]*?\/\* TDIR \*\//,
        `$1(${[...bits, ...more].map((bit) => `${prefix}_${bit}`).join(' | ')})`,
      );
    expect(mask('ICH_HCR_EL2')).not.toBe(linux);
    for (const [, auditor] of auditors)
      for (const prefix of ['ICH_HCR_EL2', 'ICH_HCR']) {
        const { findings, unmeasured } = await auditor.audit(mask(prefix));
        expect(unmeasured).toEqual([]);
        expect(findings.filter(({ rank }) => rank === 'wrong')).toEqual([]);
        const wider = (await auditor.audit(mask(prefix, 'TC'))).findings;
        expect(wider.filter(({ rank }) => rank === 'wrong')).toMatchObject([{ name, fault: 'bits' }]);
      }
  });

  test('tells which version has a call that this one lacks, by its name or by its number', async () => {
    const fid = (name: string, number: string) => `#define SMC_RMI_${name}\tSMC_RMI_CALL(${number})\n`;
    const calls = [
      fid('VDEV_LOCK', '0x01D2'),
      // Another name, and beyond the numbers of 1.0.
      fid('VDEV_GET_DEV_MEASUREMENTS', '0x01D1'),
      // Within them, and nobody's.
      fid('PDEV_AUX_COUNT', '0x0156'),
    ];
    const text = changed('#define SMC_RMI_VERSION', `${calls.join('')}#define SMC_RMI_VERSION`);
    const { findings } = await auditors[0]![1].audit(text);
    expect(findings.filter(({ rank }) => rank === 'other-version')).toMatchObject([
      { name: 'SMC_RMI_VDEV_LOCK', found: '0xc40001d2, as 2.0-bet3 has RMI_VDEV_LOCK' },
      {
        name: 'SMC_RMI_VDEV_GET_DEV_MEASUREMENTS',
        found: '0xc40001d1: RMI_VDEV_GET_MEASUREMENTS in 2.0-bet3',
      },
      { name: 'SMC_RMI_PDEV_AUX_COUNT', found: '0xc4000156' },
    ]);
  });

  test('compares everything that the kernel header defines', async () => {
    const { judged, strangers } = await auditors[0]![1].audit(linux);
    // Every macro without arguments but the guard, and three labels of an enum.
    const macros = linux.match(/^#define \w+\s/gm)!.length - 1 + 3;
    expect(judged).toEqual({ constants: macros, accessors: 5, structs: 5, members: 42 });
    expect(strangers).toEqual([]);
  });

  test('shows what is wrong where it is', async () => {
    const { code, stdout, stderr } = await run(
      changed('#define REC_ENTER_FLAG_TRAP_WFI		BIT(2)', '#define REC_ENTER_FLAG_TRAP_WFI		BIT(1)'),
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(unplaced(stdout.slice(0, stdout.indexOf('\nWider')))).toMatchInlineSnapshot(`
      "rmi.h:N:9 - error bits: REC_ENTER_FLAG_TRAP_WFI is bit 1; RmiRecEnterFlags.trap_wfi (B4.4.15) is bit 2

        NNN | #define REC_ENTER_FLAG_TRAP_WFI  BIT(1)
            |         ^^^^^^^^^^^^^^^^^^^^^^^

        hint: That overlaps inject_sea (bit 1).

                  7
        expected  ·····█··
        found     ······█·
      "
    `);
    expect(unplaced(stdout.slice(stdout.indexOf('\nDEN0137') + 1))).toMatchInlineSnapshot(`
      "DEN0137 1.0-rel0, as the header says in line N
        compared: 72 constants, 5 macros with an argument, 5 structs with 42 members
        found: 1 wrong, 8 wider but harmless, 0 renamed, 0 missing, 0 not in this version
        not in the folders given, taken as empty: linux/arm-smccc.h, linux/bits.h, linux/build_bug.h, linux/stddef.h, linux/types.h
      "
    `);
  });

  test('gathers the members that move with one', async () => {
    const { stdout } = await run(
      changed('			u64 cntp_ctl; /* 0x400 */', '			u64 gap;\n			u64 cntp_ctl;'),
    );
    expect(unplaced(stdout.slice(0, stdout.indexOf('\nWider')))).toMatchInlineSnapshot(`
      "rmi.h:N:8 - error offset: struct rec_exit.cntp_ctl is at 0x408; RmiRecExit.cntp_ctl (B4.4.16) is at 0x400

        NNN |    u64 cntp_ctl;
            |        ^^^^^^^^

        hint: 0x408 is in cntp_cval. 3 members after it, to struct rec_exit.cntv_cval, move by +0x8 with it.
      "
    `);
  });

  test('says in which version something is right', async () => {
    const { stdout } = await run(
      changed(
        'RMI_FEATURE_REGISTER_0_NUM_BPS		GENMASK(19, 14)',
        'RMI_FEATURE_REGISTER_0_NUM_BPS		GENMASK(17, 14)',
      ),
    );
    expect(stdout).toContain('error too-narrow: RMI_FEATURE_REGISTER_0_NUM_BPS is bits 17:14');
    expect(stdout).toContain('It is right in 1.0-eac5.');
  });

  test.each([
    ['a shift into the sign', '#define SMC_RMI_VERSION ((1 << 31) | (1 << 30) | (4 << 24) | 0x150)', 'sign'],
    ['another command', '#define SMC_RMI_VERSION 0xc4000151u', 'value'],
    ['a status', '#define RMI_ERROR_RTT 5', 'value'],
    ['a mask of too many bits', '#define REC_ENTER_FLAG_TRAP_WFE 0x18', 'overlap'],
    ['a shift', '#define RMI_FEATURE_REGISTER_0_SVE_VL_SHIFT 9', 'bits'],
    ['a width', '#define RMI_FEATURE_REGISTER_0_SVE_VL_WIDTH 3', 'too-narrow'],
    ['an accessor', '#define RMI_RETURN_INDEX(ret) ((ret) >> 9)', 'bits'],
    [
      'a typedef',
      'typedef struct { uint64_t ipa_width; uint8_t hash_algo; uint8_t rest[0xff7]; } rsi_realm_config_t;',
      'missing',
    ],
    [
      'a sign',
      'struct rmi_realm_params { union { u64 flags; u8 p0[0x810]; }; u64 rtt_level_start; u8 p1[0x7e8]; };',
      'sign',
    ],
    ['a size', 'struct rsi_host_call { u16 imm; u64 gprs[31]; u8 pad[8]; };', 'size'],
    ['an enum', 'enum ripas { RSI_EMPTY, RSI_DESTROYED, RSI_RAM };', 'value'],
    ['a constant variable', 'static const u64 RMI_ERROR_INPUT = 3;', 'value'],
  ])('finds %s', async (_, text, fault) => {
    const report = await auditors[0]![1].audit(text, 'rmm-1.0-rel0');
    expect(report.findings.map((one) => one.fault)).toContain(fault);
  });

  test.each([
    ['its own FIELD_PREP', '#define RMI_VERSION_MAJOR FIELD_GET(GENMASK_ULL(30, 16), 1UL << 16)'],
    [
      'SET_MEMBER',
      'struct rmi_rec_run { SET_MEMBER(u8 enter[0x800], 0, 0x800); SET_MEMBER(u8 exit[0x800], 0x800, 0x1000); };',
    ],
    ['a reordered enum', 'enum { RSI_RAM = 1, RSI_EMPTY = 0, RSI_DESTROYED = 2, RSI_DEV };'],
    ['bit numbers', '#define REC_ENTER_FLAG_TRAP_WFI 2\n#define REC_ENTER_FLAG_TRAP_WFE 3'],
    ['GENMASK', '#define RMI_FEATURE_REGISTER_0_S2SZ_MASK GENMASK_ULL(7, 0)'],
    [
      'a mask after its shift',
      '#define RMI_FEATURE_REGISTER_0_SVE_VL_SHIFT 10\n#define RMI_FEATURE_REGISTER_0_SVE_VL_MASK 0xf',
    ],
    ['a bare name', '#define RMI_INJECT_SEA BIT(1)\n#define RMI_TRAP_WFI BIT(2)'],
  ])('takes %s for what it is', async (_, text) => {
    const { findings, judged } = await auditors[0]![1].audit(text, 'rmm-1.0-rel0');
    expect(findings.filter(({ rank }) => rank === 'wrong')).toEqual([]);
    expect(judged.constants + judged.members).toBeGreaterThan(0);
  });

  test('matches by value, by offset and by layout, and says so', async () => {
    const { findings } = await auditors[0]![1].audit(
      `#define HOST_CREATE_REALM 0xc4000158u
       struct host_call_page { u16 immediate; u64 gprs[31]; };
       struct shared { union { u8 why; u8 a[0x100]; }; u64 esr; u64 fault; u64 hpfar; u8 b[0xe8]; u64 gprs[31]; u64 c; u64 gicv3_hcr;
         u64 gicv3_lrs[16]; u64 gicv3_misr; u64 gicv3_vmcr; u8 d[0x68]; u64 cntp_ctl, cntp_cval, cntv_ctl, cntv_cval;
         u8 e[0xe0]; u64 ripas_base, ripas_top; u8 ripas_value; u8 f[0xef]; u16 imm; u8 g[0xfe]; u8 pmu_ovf_status; u8 h[0xff]; };`,
      'rmm-1.0-rel0',
    );
    const renamed = findings
      .filter(({ rank }) => rank === 'renamed')
      .map(({ name, path, match }) => [name, path, match?.by]);
    expect(renamed).toEqual([
      ['HOST_CREATE_REALM', 'RMI_REALM_CREATE', 'value'],
      ['struct shared', 'RmiRecExit', 'layout'],
      ['struct shared.fault', 'RmiRecExit.far', 'offset'],
      ['struct shared.why', 'RmiRecExit.exit_reason', 'offset'],
    ]);
  });

  test.each([
    ['version 1.0-rel0', 'rmm-1.0-rel0', 'claimed'],
    ['DEN0137 1.0 EAC5', 'rmm-1.0-eac5', 'claimed'],
    ['https://developer.arm.com/documentation/den0137/1-0eac5/', 'rmm-1.0-eac5', 'claimed'],
  ])('honours what a comment says: %s', async (words, id, choice) => {
    const report = await auditors[0]![1].audit(`/* ${words} */\n#define RMI_SUCCESS 0\n`);
    expect([report.model.id, report.choice]).toEqual([id, choice]);
  });

  test('takes no claim from code, and says so when it has not the version', async () => {
    const auditor = auditors[0]![1];
    expect((await auditor.audit('#define V "1.0-eac5"\n#define RMI_SUCCESS 0\n')).choice).toBe('fits');
    const report = await auditor.audit('/* 1.0-bet2 */\n#define RMI_SUCCESS 0\n');
    expect([report.model.version.slice(0, 3), report.choice]).toEqual(['1.0', 'nearest']);
  });

  test('finds the version that fits a header that names none', async () => {
    const eac5 = generated('rmm-1.0-eac5/c/linux/rmi_smc.h').replaceAll(/1\.0-(eac5|rel0)/g, 'a version');
    expect((await auditors[0]![1].audit(eac5)).model.id).toBe('rmm-1.0-eac5');
  });

  test('prints JSON', async () => {
    const { code, stdout } = await run(changed('RMI_ERROR_RTT	4', 'RMI_ERROR_RTT	40'), '--json');
    const report = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(report).toMatchObject({
      ok: false,
      version: 'rmm-1.0-rel0',
      counts: { wrong: 1 },
      absent: expect.arrayContaining(['linux/bits.h']),
    });
    expect(report.findings[0]).toEqual({
      rank: 'wrong',
      fault: 'value',
      name: 'RMI_ERROR_RTT',
      line: linux.slice(0, linux.indexOf('RMI_ERROR_RTT	4')).split('\n').length,
      column: 9,
      specification: 'RmiStatusCode.RMI_ERROR_RTT',
      section: 'B4.4.25',
      expected: '4',
      found: '40',
      match: { by: 'document' },
    });
  });

  test('prints SARIF that points at the header', async () => {
    const { stdout } = await run(changed('RMI_ERROR_RTT	4', 'RMI_ERROR_RTT	40'), '--sarif');
    const { version, runs } = JSON.parse(stdout);
    const [{ tool, results }] = runs;
    expect(version).toBe('2.1.0');
    const errors = results.filter(({ level }: { level: string }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(tool.driver.rules[errors[0].ruleIndex].id).toBe('value');
    const { artifactLocation, region } = errors[0].locations[0].physicalLocation;
    expect(artifactLocation.uri).toBe('rmi.h');
    const line = changed('RMI_ERROR_RTT	4', 'RMI_ERROR_RTT	40').split('\n')[region.startLine - 1]!;
    expect(line.slice(region.startColumn - 1, region.endColumn - 1)).toBe('RMI_ERROR_RTT');
  });

  test("reads the user's headers before its own, and macros from the command line", async () => {
    const cwd = folder({
      'rmi.h':
        '#include <linux/bits.h>\n#include "own.h"\n#ifdef WANTED\n#define RMI_SUCCESS ZERO\n#endif\n#define RMI_ERROR_INPUT BIT(0)\n',
      'inc/linux/bits.h': '#define BIT(n) (4 << (n))\n',
      'inc/own.h': '#define ZERO 0\n',
    });
    const args = [
      'audit',
      'rmi.h',
      '--spec',
      join(root, 'spec'),
      '-I',
      'inc',
      '--define',
      'WANTED=1',
      '--json',
    ];
    const report = JSON.parse((await rmigen(cwd, args, { env })).stdout);
    expect(report.compared.constants).toBe(2);
    expect(report.findings[0]).toMatchObject({ name: 'RMI_ERROR_INPUT', found: '4' });
    expect(report.absent).toEqual([]);
  });

  test('exits with 0 when nothing is wrong, whatever is wider or renamed', async () => {
    expect((await run('#define RSI_ERROR_INCOMPLETE 3\n')).code).toBe(0);
  });

  test.each([
    [['--version', '9'], 2, 'there is no version 9'],
    [['--cc', 'no-such-compiler'], 2, 'there is no compiler no-such-compiler'],
    [['--define', '-o/tmp/x'], 2, '-o/tmp/x defines no macro'],
    [['-I', 'nowhere'], 2, 'there is no folder nowhere'],
  ])('refuses %s', async (args, code, message) => {
    const result = await run('#define RMI_SUCCESS 0\n', ...args);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' });
    expect(result.stderr).toContain(message);
  });

  test('exits with 3 for what it cannot judge', async () => {
    expect(await run('int unrelated;\n')).toEqual({
      code: 3,
      stdout: '',
      stderr: 'rmi.h:1:1 - error header-unreadable: nothing in it has a name that the specification knows\n',
    });
    const missing = await rmigen(folder(), ['audit', 'none.h', '--spec', join(root, 'spec')], { env });
    expect(missing).toEqual({
      code: 3,
      stdout: '',
      stderr: 'error: none.h cannot be read: it does not exist\n',
    });
  });

  test('does not judge what does not compile, and says so', async () => {
    const { findings, unmeasured } = await auditors[0]![1].audit(
      'struct rec_exit { unknown_t a; };\n#define RMI_SUCCESS (1 +)\n#define RMI_ERROR_INPUT 1\n',
      'rmm-1.0-rel0',
    );
    expect(unmeasured.map(({ line }) => line)).toEqual([1, 2]);
    expect(findings.map(({ name }) => name)).not.toContain('RMI_SUCCESS');
  });

  test('writes nothing outside a folder that is gone afterwards', async () => {
    const cwd = folder({ 'rmi.h': linux });
    const tmp = folder();
    await rmigen(cwd, ['audit', 'rmi.h', '--spec', join(root, 'spec')], { env: { ...env, TMPDIR: tmp } });
    write(join(cwd, 'seen'), '');
    expect(readdirSync(cwd).sort()).toEqual(['rmi.h', 'seen']);
    expect(readdirSync(tmp)).toEqual([]);
  });
});
