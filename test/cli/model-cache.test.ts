import {
  appendFileSync,
  chmodSync,
  cpSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Known, ModelCache, Recorder } from '../../cli/model-cache.js';
import { SpecFolder } from '../../cli/spec-folder.js';
import { namesInTargets, openModel } from '../../generator/index.js';
import { folder, rmigen, root, write } from './harness.js';

const VERSION = 'mailbox-1.0';

/** A specification, and a place for what is known of it. */
function setting() {
  const path = folder();
  cpSync(join(root, 'examples/new'), join(path, 'spec'), { recursive: true });
  const place = join(path, 'cache');
  const open = (shown = 'spec') => {
    const spec = new SpecFolder(join(path, 'spec'), shown);
    const cache = ModelCache.of(spec, VERSION, io({ RMIGEN_CACHE: place }))!;
    return { spec, cache };
  };
  const make = async (): Promise<Known> => {
    const { spec, cache } = open();
    const recorder = new Recorder(spec);
    const { model } = openModel(VERSION, recorder);
    const known = { model: model!, names: await namesInTargets(model!, recorder) };
    cache.store(known, recorder);
    return known;
  };
  const kept = () => readdirSync(place).map((name) => join(place, name));
  return { path, place, open, make, kept, edit: (name: string) => join(path, 'spec', name) };
}

function io(env: Record<string, string>) {
  return { env } as unknown as Parameters<typeof ModelCache.of>[2];
}

/** All names of a specification folder, as `new` makes it. */
const types = `${VERSION}/types.yaml`;

describe('a model that was made before', () => {
  test('is the same', async () => {
    const { make, open } = setting();
    const known = await make();
    const again = open().cache.load();
    expect(again).toEqual(known);
    expect(again!.model).not.toBe(known.model);
  });

  test('shows its files from where people stand now', async () => {
    const { make, open } = setting();
    await make();
    const { model } = open('../elsewhere/spec').cache.load()!;
    for (const type of model.types.values())
      if (type.span.file.path.startsWith(VERSION))
        expect(type.span.file.shown).toBe(`../elsewhere/spec/${type.span.file.path}`);
  });

  test('is not taken when a file has changed, and is again when it is as before', async () => {
    const { make, open, edit } = setting();
    await make();
    const before = readFileSync(edit(types), 'utf8');
    appendFileSync(edit(types), '# a remark\n');
    expect(open().cache.load()).toBeUndefined();
    writeFileSync(edit(types), before);
    expect(open().cache.load()).toBeDefined();
  });

  test('nor when a target has come, or a template has changed', async () => {
    const { make, open, edit } = setting();
    await make();
    write(edit('targets/more.yaml'), 'name: more\n');
    expect(open().cache.load()).toBeUndefined();
    await make();
    expect(open().cache.load()).toBeDefined();
    const template = readdirSync(edit('targets'), { recursive: true }).find((name) =>
      String(name).endsWith('.hbs'),
    );
    appendFileSync(edit(`targets/${template}`), '\n');
    expect(open().cache.load()).toBeUndefined();
  });

  test.each([
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['is empty', () => Buffer.alloc(0)],
    [
      'says that it is longer than it is',
      (bytes: Buffer) => Buffer.concat([Buffer.alloc(4, 0xff), bytes.subarray(4)]),
    ],
    ['is of something else', () => Buffer.from('\u0002\u0000\u0000\u0000{}nothing')],
  ])('is not taken when it %s', async (_, spoil) => {
    const { make, open, kept } = setting();
    await make();
    const [file] = kept();
    writeFileSync(file!, spoil(readFileSync(file!)));
    expect(open().cache.load()).toBeUndefined();
  });

  test('is not taken when others could have written it', async () => {
    const { make, open, kept, place } = setting();
    await make();
    const [file] = kept();
    expect(statSync(file!).mode & 0o777).toBe(0o600);
    expect(statSync(place).mode & 0o777).toBe(0o700);
    chmodSync(file!, 0o622);
    expect(open().cache.load()).toBeUndefined();
  });

  test('goes when there are too many', async () => {
    const { make, kept, place } = setting();
    await make();
    for (let number = 0; number < 20; number++) writeFileSync(join(place, `${number}.model`), '');
    await make();
    expect(kept()).toHaveLength(16);
  });
});

describe('where it is kept', () => {
  const spec = () => new SpecFolder(join(root, 'examples/new'), 'spec');

  test.each([
    ['nowhere, without a home', {}],
    ['nowhere, when it is off', { RMIGEN_CACHE: 'off', HOME: '/nowhere' }],
  ])('%s', (_, env) => {
    expect(ModelCache.of(spec(), VERSION, io(env))).toBeUndefined();
  });

  test.each([
    ['RMIGEN_CACHE', ''],
    ['XDG_CACHE_HOME', 'rmigen'],
    ['HOME', '.cache/rmigen'],
  ])('below %s', async (name, below) => {
    const { path } = setting();
    const home = folder();
    const { code } = await rmigen(path, ['explain', 'MBX_SEND'], { env: { [name]: home } });
    expect(code).toBe(0);
    expect(readdirSync(join(home, below))).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.model$/)]);
  });

  test('a place that cannot be written to changes nothing', async () => {
    const { path } = setting();
    write(join(path, 'file'), '');
    const { code, stderr } = await rmigen(path, ['explain', 'MBX_SEND'], {
      env: { RMIGEN_CACHE: join(path, 'file/below') },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('an answer', () => {
  test.each([
    [['explain', 'MBX_SEND']],
    [['explain', 'MbxMessage', '--json']],
    [['decode', 'MbxFlags', '0xff']],
  ])('is the same from it: %j', async (args) => {
    const { path, place, kept } = setting();
    const env = { RMIGEN_CACHE: place };
    const first = await rmigen(path, args, { env });
    expect(kept()).toHaveLength(1);
    expect(await rmigen(path, args, { env })).toEqual(first);
    expect(await rmigen(path, args)).toEqual(first);
    expect(first.stderr).toBe('');
  });

  test('nothing is kept of a specification with errors', async () => {
    const { path, edit } = setting();
    appendFileSync(edit(types), 'Broken:\n  kind: nothing\n');
    const home = folder();
    const { code } = await rmigen(path, ['explain', 'MBX_SEND'], { env: { RMIGEN_CACHE: home } });
    expect(code).toBe(1);
    expect(readdirSync(home)).toEqual([]);
  });

  test('an error in a condition is the same from it', async () => {
    const { path, place, edit } = setting();
    const commands = readdirSync(edit(VERSION), { recursive: true })
      .map(String)
      .find((name) => /commands?.*\.yaml$/.test(name))!;
    const text = readFileSync(edit(`${VERSION}/${commands}`), 'utf8');
    writeFileSync(edit(`${VERSION}/${commands}`), text.replace(/pre: "/, 'pre: "nonsense == '));
    const env = { RMIGEN_CACHE: place };
    const first = await rmigen(path, ['explain', 'MBX_SEND'], { env });
    expect(first.code).toBe(1);
    expect(await rmigen(path, ['explain', 'MBX_SEND'], { env })).toEqual(first);
  });
});
