import { Command, CommanderError, Option } from 'commander';
import { exit, Failure, type Io, printFailure } from './io.js';
import { version } from './package.js';

const codes = `
Exit codes:
  0  everything is as it should be
  1  the specification has errors, a file is stale, or something could not be written
  2  the command line is wrong
`;

const explainCodes = `
Exit codes:
  0  the answer is printed, or what the name can mean
  1  nothing has that name, or the specification has errors
  2  the command line is wrong
`;

const decodeCodes = `
Exit codes:
  0  decoded, and nothing in it is against the document
  1  something is against the document or missing, the dump cannot be read, or the specification has errors
  2  the command line is wrong
`;

const replayCodes = `
Exit codes:
  0  nothing differs
  1  something differs, or the file is no trace
  2  the command line is wrong
`;

const traceCodes = `
Exit codes:
  0  the trace is made; the report says what is assumed in it
  1  the log holds no call, or the trace could not be written
  2  the command line is wrong
`;

const sequenceCodes = `
Exit codes:
  0  the diagram is printed
  1  the file is no trace, or has more in it than can be drawn
  2  the command line is wrong
`;

const tokenCodes = `
Exit codes:
  0  everything that was checked holds; the report says what was not
  1  a check failed, or the file is no token
  2  the command line is wrong
`;

const auditCodes = `
Exit codes:
  0  nothing is wrong; what is wider, renamed, missing or of another version is no error
  1  something is wrong, or the specification has errors
  2  the command line is wrong
  3  the header cannot be judged: it cannot be read or compiled, or has nothing that the specification knows
`;

const diffCodes = `
Exit codes:
  0  the differences are printed; with --abi, nothing breaks
  1  with --abi, something breaks; or there is no such item, or the specification has errors
  2  the command line is wrong
`;

function program(io: Io, done: (code: number) => void): Command {
  const root = new Command('rmigen')
    .description(
      'The Arm RMM specification as data: C headers, typed accessors and reference pages from YAML.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', codes)
    .showHelpAfterError('Run `rmigen --help` for the commands.')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    });

  root
    .command('generate')
    .showHelpAfterError('Run `rmigen generate --help` for the options.')
    .summary('read a specification folder and write what follows from it')
    .description(
      'Reads a specification folder, checks it, and brings the output folder up to date: all files, or none ' +
        'when anything is wrong. Files that are right already are not touched.',
    )
    .option('-s, --spec <dir>', 'the specification folder (default: spec)')
    .option('-o, --out <dir>', 'the output folder (default: generated)')
    .option('-t, --target <name...>', 'only these targets (default: all)')
    .addOption(
      new Option(
        '-c, --check',
        'write nothing; exit with 1 and the differences if a file is stale',
      ).conflicts('watch'),
    )
    .option('-w, --watch', 'generate again whenever a file of the specification is saved')
    .option('--json', 'print one line of JSON a run, for machines')
    .addHelpText('after', codes)
    .action(async (options) => {
      const { LayoutThread } = await import('./layout.js');
      // First of all: what it loads takes longest.
      const thread = options.target?.includes('typescript') === false ? undefined : LayoutThread.start();
      const { generate } = await import('./generate.js');
      done(await generate(options, thread, io));
    });

  root
    .command('new')
    .showHelpAfterError('Run `rmigen new --help` for what it takes.')
    .summary('start a specification folder from a small example')
    .description(
      'Puts a small, commented specification into a folder: an interface of two commands, with a C header.',
    )
    .argument('<dir>', 'the folder; it must be empty or not exist')
    .addHelpText('after', codes)
    .action(async (folder: string) => {
      const { create } = await import('./new.js');
      done(create(folder, io));
    });

  root
    .command('explain')
    .showHelpAfterError('Run `rmigen explain --help` for what it takes.')
    .summary('say what there is to say about a name or a number')
    .description(
      'Explains a command, type, label, mask, function or constant, a part of one (RmiRecEnter.gicv3_hcr, or ' +
        'gicv3_hcr alone), a name in an output (struct rec_enter), a section (B4.3.1), or a number: a FID, a ' +
        'status, an offset. Case does not matter.',
    )
    .argument('<name...>', 'what to explain')
    .option('-s, --spec <dir>', 'the specification folder (default: spec)')
    .option('--version <version>', 'the version, when the folder has several (default: the last release)')
    .option('--json', 'print one line of JSON, for machines')
    .addHelpText('after', explainCodes)
    .action(async (words: readonly string[], options) => {
      const { explain } = await import('./explain.js');
      done(await explain(words, options, io));
    });

  root
    .command('diff')
    .showHelpAfterError('Run `rmigen diff --help` for what it takes.')
    .summary('say what differs between two versions of the document')
    .description(
      'Compares two versions: commands, registers, layouts, labels, masks, and conditions where both state them. ' +
        'Something of another name is taken for the same by its FID, its use or its likeness. A change breaks when a ' +
        'program built for the first version, unchanged, would fail or be misunderstood on the second.',
    )
    .argument('<from>', 'a version: rmm-1.0-rel0, or 1.0-rel0')
    .argument('<to>', 'the version to compare it with')
    .argument('[name]', 'only this item, by its name in either version')
    .option('-s, --spec <dir>', 'the specification folder (default: spec)')
    .option('--abi', 'print what breaks, and exit with 1 if anything does')
    .addOption(new Option('--markdown', 'print Markdown').conflicts('json'))
    .option('--json', 'print one line of JSON, for machines')
    .addHelpText('after', diffCodes)
    .action(async (from: string, to: string, name: string | undefined, options) => {
      const { diff } = await import('./compare.js');
      done(await diff(from, to, name, options, io));
    });

  root
    .command('decode')
    .showHelpAfterError('Run `rmigen decode --help` for what it takes.')
    .summary('say what a dump, a value or the registers of a call mean')
    .description(
      'Decodes a page or part of one (rec_run, RmiRecExit), a value (RmiFeatureRegister0, RmiRecEnter.gicv3_hcr), ' +
        'or the registers of a call (smc FID x1=... x0=...). A type has any name that `explain` knows. A dump ' +
        'is a file, standard input or hexadecimal bytes; its form is found out: docs/decode.md has all of them.',
    )
    .argument('<type>', 'what it is; `smc` for a call')
    .argument('[value...]', 'a file, a number, bytes, or registers; standard input when absent or -')
    .option(
      '-f, --format <form>',
      'the form of the dump: binary, hex, xxd, xxd-e, hexdump, gdb, crash, devmem',
    )
    .option('--base <address>', 'where it begins in a dump that shows addresses (default: the first)')
    .option('--offset <bytes>', 'where it begins, counted from there')
    .option('-a, --all', 'show what is zero as well')
    .option('-s, --spec <dir>', 'the specification folder (default: spec)')
    .option('--version <version>', 'the version, when the folder has several (default: the last)')
    .option('--json', 'print one line of JSON, for machines')
    .addHelpText('after', decodeCodes)
    .action(async (type: string, words: readonly string[], options) => {
      const { decode } = await import('./decode.js');
      done(await decode(type, words, options, io));
    });

  root
    .command('replay')
    .showHelpAfterError('Run `rmigen replay --help` for what it takes.')
    .summary('hold a trace of an RMM against the specification')
    .description(
      'Replays what a Host did on an RMM, and judges everything that was observed: each command, entry and value ' +
        'is conforming, or differs from a condition or section of the document, or is not judged.',
    )
    .argument('<file>', 'the trace; docs/replay.md has its format')
    .option('--features <name=value...>', 'what the trace does not tell of the RMM, such as vmidBits=8')
    .option('--json', 'print one line of JSON, for machines')
    .addHelpText('after', replayCodes)
    .action(async (file: string, options) => {
      const { replay } = await import('./replay.js');
      done(replay(file, options, io));
    });

  root
    .command('trace')
    .showHelpAfterError('Run `rmigen trace --help` for what it takes.')
    .summary('turn the console log of a board into a trace')
    .description(
      'Finds the calls that firmware has logged (TF-RMM: `SMC_RMI_VERSION 10000 > RMI_SUCCESS ...`) among the text ' +
        'of a console, and makes a trace of them that `rmigen replay` can judge. What a log does not tell, such as ' +
        'the contents of memory, is assumed, and the report says so.',
    )
    .argument('<file>', 'the log; - for standard input')
    .option('-o, --output <file>', 'write the trace to a file')
    .addOption(new Option('--lines', 'print the trace in place of the table').conflicts('json'))
    .option('--memory <base,size>', 'the memory of the board, in bytes: 0x80000000,0x40000000')
    .option('--featreg0 <value>', 'feature register 0, where the log does not tell it')
    .option('--json', 'print one line of JSON, for machines')
    .addHelpText('after', traceCodes)
    .action(async (file: string, options) => {
      const { trace } = await import('./trace.js');
      done(await trace(file, options, io));
    });

  root
    .command('sequence')
    .showHelpAfterError('Run `rmigen sequence --help` for what it takes.')
    .summary('draw a trace as a sequence diagram')
    .description(
      'Prints a Mermaid sequence diagram of what a trace tells: calls of the Host, REC entries and exits with their ' +
        'reasons, calls of the Realm, interrupts in List Registers. Runs of the same calls are counted. What an exit ' +
        'says is shown where the Host has read it.',
    )
    .argument('<file>', 'the trace; docs/replay.md has its format; - for standard input')
    .addHelpText('after', sequenceCodes)
    .action(async (file: string) => {
      const { sequence } = await import('./sequence.js');
      done(await sequence(file, io));
    });

  root
    .command('token')
    .showHelpAfterError('Run `rmigen token --help` for what it takes.')
    .summary('say what an attestation token holds, and check it')
    .description(
      'Prints the claims of a CCA attestation token (A7.2.3), or of a Realm token or platform token alone, and ' +
        'checks its form, its signatures, and that the platform vouches for the key of the Realm. The key of the ' +
        'Realm is in the token; that of the platform is not.',
    )
    .argument('<file>', 'the token, in binary or hexadecimal; - for standard input')
    .option('--key <file>', "the platform's public key: PEM, DER, JWK or an uncompressed point")
    .addOption(
      new Option('--seed <number>', 'the platform is one of the simulator with this seed').conflicts('key'),
    )
    .option('--json', 'print one line of JSON, for machines')
    .addHelpText('after', tokenCodes)
    .action(async (file: string, options) => {
      const { token } = await import('./token.js');
      done(await token(file, options, io));
    });

  root
    .command('audit')
    .showHelpAfterError('Run `rmigen audit --help` for what it takes.')
    .summary('compare a C header with the specification')
    .description(
      'Compares the constants, macros and structs of a C header with the specification. A C compiler says what ' +
        'they are; nothing is run. Only the header itself is judged. What it includes is looked for in the folders ' +
        'given, and taken as empty where it is not found; kernel types, BIT, GENMASK and the like are supplied.',
    )
    .argument('<header>', 'the header')
    .option('-s, --spec <dir>', 'the specification folder (default: spec)')
    .option('--version <version>', 'the version (default: the one that the comments of the header name)')
    .option(
      '--cc <compiler>',
      'a C compiler for a 64-bit target, such as aarch64-linux-gnu-gcc (default: $CC, or cc)',
    )
    .option('-I, --include <dir>', 'a folder of headers; may be given several times', gather)
    .option('-D, --define <name=value>', 'defines a macro; may be given several times', gather)
    .addOption(new Option('--json', 'print one line of JSON, for machines').conflicts('sarif'))
    .option('--sarif', 'print SARIF 2.1.0, for code review')
    .addHelpText('after', auditCodes)
    .action(async (header: string, options) => {
      const { audit } = await import('./audit.js');
      done(await audit(header, options, io));
    });

  return root;
}

/** Values of an option that is given several times. */
function gather(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** A fault of rmigen's own. */
function internal(error: unknown, io: Io): Failure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return io.env.RMIGEN_DEBUG
    ? new Failure(`rmigen itself failed: ${stack ?? message}`)
    : new Failure(`rmigen itself failed: ${message}`, 'Set RMIGEN_DEBUG=1 to see where, and report it.');
}

/** Runs a command line, without the name of the program, and gives its exit code. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code: number = exit.ok;
  try {
    await program(io, (result) => {
      code = result;
    }).parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage;
    const failure = error instanceof Failure ? error : internal(error, io);
    printFailure(failure, args.includes('--json'), io);
    return failure.code;
  }
}
