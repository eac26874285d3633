import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rmiSmc } from '../c/expected/rmi-smc.js';
import { emit, has, run, Scratch, specification } from '../c/support.js';

const scratch = new Scratch();
const OUTPUT = 'rmm-1.0-rel0/rust/';
beforeAll(async () => {
  for (const [path, text] of await emit(specification(), 'rust/rmi.rs', 'rust/rsi.rs'))
    scratch.write(path.slice(OUTPUT.length), text);
});
afterAll(() => scratch.remove());

async function accepts(program: string, ...args: readonly string[]): Promise<void> {
  const { ok, output } = await run(program, args, scratch.path);
  expect(output).toBe('');
  expect(ok).toBe(true);
}

describe.skipIf(!has('rustc'))('rustc', () => {
  test('compiles the crate without a warning, so every assertion in it holds', () =>
    accepts('rustc', '--edition=2021', '--crate-type=lib', '-Dwarnings', '--emit=metadata', 'src/lib.rs'));

  test.each(['2018', '2024'])('compiles the modules by themselves as edition %s', (edition) =>
    accepts(
      'rustc',
      `--edition=${edition}`,
      '--crate-type=lib',
      '-Dwarnings',
      '--emit=metadata',
      'src/rmi.rs',
    ),
  );

  test("has the numbers of Linux's header", async () => {
    // The list was written by hand from that header; it knows neither the specification nor Rust.
    const typed: Readonly<Record<string, string>> = {
      RMI_ERROR: 'RmiStatusCode',
      RMI_SUCCESS: 'RmiStatusCode',
      RMI_EXIT: 'RmiRecExitReason',
    };
    const expressions = Object.keys(rmiSmc.constants).flatMap((name) => {
      if (/^SMC_RMI_|^RMI_PERMITTED/.test(name)) return [[name, name]];
      const register = /^RMI_FEATURE_REGISTER_0_((?!Reserved).*)$/.exec(name)?.[1];
      if (register !== undefined) return [[name, `RmiFeatureRegister0::${register}`]];
      const flag = /^REC_ENTER_FLAG_(.*)$/.exec(name)?.[1]?.replace('EMULATED', 'EMUL');
      if (flag !== undefined) return [[name, `RmiRecEnterFlags::${flag}`]];
      const type = Object.entries(typed).find(([prefix]) => name.startsWith(prefix))?.[1];
      return type === undefined ? [] : [[name, `${type}::${name}.0`]];
    });
    expect(expressions.length).toBeGreaterThan(50);
    const camel = (tag: string) =>
      `Rmi${tag.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
    const members = rmiSmc.members.filter(([path]) => !path.includes('padding'));
    scratch.write(
      'src/main.rs',
      [
        '#[allow(dead_code)]\nmod rmi;\nuse rmi::*;\nfn main() {',
        ...expressions.map(([name, one]) => `println!("${name} {}", ${one});`),
        ...Object.keys(rmiSmc.structs).map(
          (tag) => `println!("${tag} {} {}", size_of::<${camel(tag)}>(), align_of::<${camel(tag)}>());`,
        ),
        ...members.map(([path]) => {
          const [tag, member] = path.replace('num_rec_aux', 'num_aux').split('.') as [string, string];
          return `println!("${path} {}", std::mem::offset_of!(${camel(tag)}, ${member}));`;
        }),
        '}',
        '',
      ].join('\n'),
    );
    await accepts('rustc', '--edition=2021', '-Dwarnings', '-o', 'numbers', 'src/main.rs');
    const { output } = await run('./numbers', [], scratch.path);
    expect(output.trimEnd().split('\n')).toEqual([
      ...expressions.map(([name]) => `${name} ${rmiSmc.constants[name!]![0]}`),
      ...Object.entries(rmiSmc.structs).map(([tag, [size, align]]) => `${tag} ${size} ${align}`),
      ...members.map(([path, offset]) => `${path} ${offset}`),
    ]);
  });

  test('fields are read and written with the types of their values', async () => {
    scratch.write(
      'src/use.rs',
      `#[allow(dead_code)]
mod rmi;
use rmi::*;

fn main() {
    let code = RmiCommandReturnCode(0x304);
    assert_eq!(code.status(), RmiStatusCode::RMI_ERROR_RTT);
    assert_eq!(code.status().label(), Some("RMI_ERROR_RTT"));
    assert_eq!(code.index(), 3);
    assert_eq!(code.with_index(0x102), RmiCommandReturnCode(0x204));
    assert_eq!(RmiStatusCode(200).label(), None);
    let mut enter = RmiRecEnter::ZERO;
    enter.flags = enter.flags.with_trap_wfe(RmiTrap::RMI_TRAP).with_emul_mmio(RmiEmulatedMmio::RMI_EMULATED_MMIO);
    assert_eq!(enter.flags.0, 0b1001);
    assert_eq!(RmiRecExit::ZERO.exit_reason, RmiRecExitReason::RMI_EXIT_SYNC);
}
`,
    );
    await accepts('rustc', '--edition=2021', '-Dwarnings', '-o', 'use', 'src/use.rs');
    await accepts('./use');
  });

  test("an assertion fails when the layout is not the document's", async () => {
    const { output: text } = await run('cat', ['src/rmi.rs'], scratch.path);
    scratch.write('wrong.rs', text.replace('pub imm: u16,', 'pub imm: u32,'));
    const { ok, output } = await run(
      'rustc',
      ['--crate-type=lib', '--emit=metadata', 'wrong.rs'],
      scratch.path,
    );
    expect(ok).toBe(false);
    expect(output).toContain('assertion failed: core::mem::size_of::<RmiRecExit>() == 0x800');
  });
});

test.skipIf(!has('rustfmt'))('rustfmt has nothing to change', () =>
  accepts('rustfmt', '--check', '--edition', '2021', 'src/lib.rs'),
);
