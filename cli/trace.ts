import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Converted,
  limits,
  type Paint,
  renderTrace,
  type TraceSettings,
  traceOf,
  traceText,
  traceToJson,
} from '../tools/trace/index.js';
import { readFileOrInput } from './input.js';
import { colours, exit, Failure, type Io, reason, visible } from './io.js';

export interface TraceOptions {
  readonly output?: string;
  readonly lines?: boolean;
  readonly json?: boolean;
  readonly memory?: string;
  readonly featreg0?: string;
}

/** `rmigen trace`: turns the log of a board's console into a trace that can be replayed. */
export async function trace(name: string, options: TraceOptions, io: Io): Promise<number> {
  const settings = settingsOf(options);
  // A console can print any byte; the firmware's lines are ASCII.
  const text = Buffer.from(await readFileOrInput(name, io, limits.fileSize)).toString('latin1');
  const converted = convert(name, text, settings);
  if (options.output !== undefined) write(options.output, traceText(converted), io);
  const shown =
    options.lines === true
      ? traceText(converted)
      : options.json === true
        ? `${JSON.stringify(traceToJson(converted))}\n`
        : renderTrace(converted, painter(io));
  io.stdout.write(shown);
  return exit.ok;
}

function painter(io: Io): Paint {
  const c = colours(io, io.stdout);
  return { title: c.bold, faint: c.dim, good: c.cyan, mark: c.yellow };
}

function convert(name: string, text: string, settings: TraceSettings): Converted {
  try {
    const converted = traceOf(text, settings);
    if (converted !== undefined) return converted;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure(`${visible(name)} cannot be made a trace: ${error.message}`);
  }
  throw new Failure(
    `${visible(name)} holds no call that firmware has logged`,
    'TF-RMM logs calls such as `SMC_RMI_VERSION 10000 > RMI_SUCCESS` with LOG_LEVEL=40 and RSI_LOG_LEVEL=40.',
  );
}

function settingsOf({ memory, featreg0 }: TraceOptions): TraceSettings {
  const settings: { -readonly [K in keyof TraceSettings]: TraceSettings[K] } = {};
  if (memory !== undefined) {
    const [, base, size] = /^0x([0-9a-f]{1,13}),0x([0-9a-f]{1,13})$/i.exec(memory) ?? [];
    const range = { base: Number.parseInt(base ?? '1', 16), size: Number.parseInt(size ?? '0', 16) };
    const fits = range.base % 4096 === 0 && range.size % 4096 === 0 && range.base + range.size <= 2 ** 52;
    if (!fits || range.size === 0 || range.size / 4096 > limits.granules)
      throw new Failure(
        `${visible(memory)} is no range of memory`,
        'Write the base and the size in bytes: 0x80000000,0x40000000.',
        exit.usage,
      );
    settings.memory = range;
  }
  if (featreg0 !== undefined) {
    if (!/^0x[0-9a-f]{1,16}$/i.test(featreg0))
      throw new Failure(
        `${visible(featreg0)} is no register`,
        'Write 64 bits in hexadecimal: 0x...',
        exit.usage,
      );
    settings.featureRegister0 = BigInt(featreg0);
  }
  return settings;
}

function write(name: string, text: string, io: Io): void {
  try {
    writeFileSync(resolve(io.cwd, name), text);
  } catch (error) {
    throw new Failure(`${visible(name)} cannot be written: ${reason(error)}`);
  }
}
