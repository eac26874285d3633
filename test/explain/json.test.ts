import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { partsOf } from '../../generator/pages/index.js';
import { answerToJson, explain } from '../../tools/explain/index.js';
import { rmm } from './support.js';

const text = { type: 'string', minLength: 1 };
const whole = { type: 'integer', minimum: 0 };
const list = (items: object) => ({ type: 'array', items, minItems: 1 });
const shape = (required: object, optional: object = {}) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(required),
  properties: { ...required, ...optional },
});
const hex = { type: 'string', pattern: '^(0x[0-9a-f]+|-[0-9]+)$' };
const fid = { type: 'string', pattern: '^0x[0-9A-F]{8}$' };
const bits = { type: 'string', pattern: '^[0-9]+(:[0-9]+)?$' };
const names = list(shape({ target: text, name: text }));
const mentions = list(
  shape(
    { command: text, in: { enum: ['context', 'failure', 'success', 'footprint'] }, part: text },
    { outcome: { const: true } },
  ),
);
const condition = { anyOf: [text, shape({ prose: text, by: text })] };
const origin = { doc: text, note: text, document: text, added: { const: true } };
const candidates = list(shape({ name: text, what: text, section: text, text: { type: 'string' } }));
const value = shape(
  { name: text, register: { type: 'string', pattern: '^X[0-9]+$' }, bits, type: text },
  { doc: text, note: text },
);

const item = (kind: string | readonly string[], required: object, optional: object = {}) =>
  shape(
    {
      kind: { enum: [kind].flat() },
      name: text,
      section: text,
      summary: text,
      source: shape({ path: text, line: { type: 'integer', minimum: 1 } }),
      ...required,
    },
    {
      note: text,
      names,
      uses: shape(
        {},
        { conditions: mentions, functions: list(text), declarations: list(shape({ as: text, name: text })) },
      ),
      ...optional,
    },
  );

/** What the documentation of `--json` promises, written down a second time. */
const schema = {
  anyOf: [
    shape({
      ok: { const: false },
      query: { type: 'string' },
      version: text,
      error: shape({ message: text }),
      suggestions: { type: 'array', items: text },
    }),
    shape({ ok: { const: true }, query: text, version: text, candidates }),
    shape(
      {
        ok: { const: true },
        query: text,
        version: text,
        item: {
          anyOf: [
            item(
              'command',
              { interface: text, fid },
              {
                inputs: list(value),
                outputs: list(value),
                context: list(
                  shape({ name: text, type: text, value: text, before: { type: 'boolean' } }, origin),
                ),
                failures: list(
                  shape(
                    { name: text, pre: condition, post: text },
                    {
                      status: text,
                      details: list(shape({ value: text }, { name: text })),
                      also: list(text),
                      after: list(text),
                      ...origin,
                    },
                  ),
                ),
                order: list(shape({ before: text, after: text })),
                evaluation: list(text),
                success: list(shape({ name: text, post: condition }, { pre: condition, ...origin })),
                footprint: list(shape({ name: text, state: text }, origin)),
                notes: list(text),
              },
            ),
            item(
              ['struct'],
              { abstract: { type: 'boolean' } },
              {
                size: whole,
                unused: { enum: ['SBZ', 'MBZ', 'RES0', 'RES1'] },
                members: list(
                  shape(
                    { name: text, type: text, doc: text },
                    {
                      offset: whole,
                      size: whole,
                      count: whole,
                      register: text,
                      permitted: text,
                      value: hex,
                      note: text,
                      names,
                    },
                  ),
                ),
                reservedBytes: list(shape({ offset: whole, size: whole, as: text })),
              },
            ),
            item(
              ['fieldset', 'register'],
              {
                width: whole,
                fields: list(
                  shape(
                    { name: text, bits, width: whole, mask: hex, type: text, doc: text },
                    { note: text, names },
                  ),
                ),
              },
              {
                register: text,
                count: whole,
                access: { enum: ['RW', 'RO', 'WO'] },
                reservedBits: list(shape({ bits, as: text })),
              },
            ),
            item(
              'enumeration',
              {
                abstract: { type: 'boolean' },
                labels: list(
                  shape({ name: text, doc: text }, { value: hex, note: text, names, uses: mentions }),
                ),
              },
              { width: whole, signed: { const: true }, reserved: { const: true } },
            ),
            item('alias', { type: text }),
            item(
              'mask',
              { value: hex, register: text, fields: list(text) },
              { excluded: list(shape({ field: text, reason: text })) },
            ),
            item('constant', { value: hex }, { unit: text }),
            item(
              'map',
              {
                entries: list(
                  shape(
                    { name: text, key: { type: 'integer' }, type: text, section: text, doc: text },
                    {
                      sizes: list(whole),
                      count: whole,
                      least: whole,
                      value: text,
                      first: whole,
                      optional: { const: true },
                      note: text,
                    },
                  ),
                ),
              },
              { tag: whole },
            ),
            item(
              'function',
              { signatures: list(text) },
              { inductive: { const: true }, partial: text, body: text, behaviour: text },
            ),
            shape({
              kind: { const: 'interface' },
              name: text,
              section: text,
              source: shape({ path: text, line: { type: 'integer', minimum: 1 } }),
              version: text,
              fids: list(shape({ first: fid, last: fid })),
              commands: list(shape({ name: text, fid })),
            }),
          ],
        },
      },
      { part: text, also: candidates },
    ),
  ],
};

const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

/** The answer as a program reads it. */
function json(query: string) {
  return JSON.parse(JSON.stringify(answerToJson(query, explain(query, rmm), rmm)));
}

describe('--json', () => {
  test('has the documented shape for everything', () => {
    const queries = [
      ...rmm.model.interfaces.map((one) => one.name),
      ...[...rmm.items].flatMap((one) => [
        one.name,
        ...partsOf(one)
          .slice(0, 3)
          .map((part) => `${one.name}.${part.name}`),
      ]),
      ...['rec_exit', 'gicv3_hcr', '4', '0x153', 'nothing at all', 'RmiRecExitt', '', 'B4.3'],
    ];
    const wrong = queries.filter((query) => !validate(json(query)));
    expect(wrong).toEqual([]);
  });

  test('gives the facts of a command', () => {
    expect(json('RMI_RTT_DESTROY')).toMatchObject({
      ok: true,
      version: 'rmm-1.0-rel0',
      item: {
        kind: 'command',
        fid: '0xC400015E',
        source: { path: expect.stringMatching(/rmi_rtt_destroy\.yaml$/) },
        names: expect.arrayContaining([{ target: 'linux/rmi_smc.h', name: 'SMC_RMI_RTT_DESTROY' }]),
        inputs: [
          { name: 'rd', register: 'X1', bits: '63:0', type: 'Address' },
          { name: 'ipa' },
          { name: 'level', type: 'Int64' },
        ],
        evaluation: [
          'rd_align',
          'rd_bound',
          'rd_state',
          'level_bound',
          'ipa_align',
          'ipa_bound',
          'rtt_walk',
          'rtte_state',
          'rtt_live',
        ],
        failures: expect.arrayContaining([
          expect.objectContaining({
            name: 'rtt_live',
            pre: 'RttIsLive(Rtt(walk.rtte.addr))',
            status: 'RMI_ERROR_RTT',
            details: [{ name: 'index', value: 'level' }],
            also: ['top == ipa'],
            after: ['rd_bound', 'rd_state'],
          }),
        ]),
      },
    });
  });

  test('says what is prose, and who answers for it', () => {
    expect(json('RMI_REC_ENTER').item.success[0]).toEqual({
      name: 'rec_exit',
      post: { prose: expect.any(String), by: 'recExitRecorded' },
    });
  });

  test('gives values beyond 53 bits exactly', () => {
    const fields = json('ICH_LR_EL2').item.fields as { name: string; mask: string }[];
    expect(fields.find((one) => one.name === 'State')?.mask).toBe('0xc000000000000000');
    const labels = json('PsciReturnCode').item.labels as { name: string; value: string }[];
    expect(labels.find((one) => one.name === 'PSCI_ALREADY_ON')?.value).toBe('-4');
  });

  test('of a part gives what has it, and the name of the part', () => {
    expect(json('rec_enter.gicv3_hcr')).toMatchObject({
      part: 'gicv3_hcr',
      item: { name: 'RmiRecEnter', size: 0x800 },
    });
  });

  test('lists candidates', () => {
    expect(json('gicv3_hcr').candidates).toEqual([
      { name: 'RmiRecEnter.gicv3_hcr', what: 'member', section: 'B4.4.14', text: expect.any(String) },
      { name: 'RmiRecExit.gicv3_hcr', what: 'member', section: 'B4.4.16', text: expect.any(String) },
    ]);
  });

  test('says that nothing was found', () => {
    expect(json('RmiRecExitt')).toEqual({
      ok: false,
      query: 'RmiRecExitt',
      version: 'rmm-1.0-rel0',
      error: { message: 'there is nothing called `RmiRecExitt` in rmm-1.0-rel0' },
      suggestions: ['RmiRecExit', 'rmi_rec_exit'],
    });
  });
});
