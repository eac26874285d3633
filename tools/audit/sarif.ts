import { positionOf } from '../../generator/diagnostics/index.js';
import type { Report } from './audit.js';
import { type Fault, type Finding, messageOf } from './finding.js';
import { spanOf } from './place.js';

const rules: Readonly<Record<Fault, string>> = {
  value: 'A number is not the one of the specification.',
  bits: 'A mask, shift or width names other bits than the specification.',
  offset: 'A member lies at another offset.',
  size: 'A struct, or the elements of an array, have another size.',
  overlap: 'A member or mask reaches into what follows.',
  sign: 'A value has the wrong signedness.',
  'too-narrow': 'A member or mask cannot hold every value.',
  wider: 'A member or mask takes in reserved bits or bytes after it.',
  renamed: 'A name differs from that of the specification.',
  missing: 'Something is missing of what the header has in part.',
  'other-version': 'A name is not in this version of the specification.',
};

const levels = {
  wrong: 'error',
  wider: 'warning',
  renamed: 'note',
  missing: 'note',
  'other-version': 'warning',
} as const;

/**
 * The report as SARIF 2.1.0, for code review.
 *
 * @param version Of rmigen.
 */
export function reportToSarif(report: Report, version: string): object {
  const names = Object.keys(rules) as Fault[];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'rmigen audit',
            version,
            rules: names.map((id) => ({ id, shortDescription: { text: rules[id] } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        properties: { document: report.model.document, version: report.model.version, chosen: report.choice },
        results: report.findings.map((one) => ({
          ruleId: one.fault,
          ruleIndex: names.indexOf(one.fault),
          level: levels[one.rank],
          message: { text: textOf(one) },
          locations: [{ physicalLocation: locationOf(report, one) }],
          partialFingerprints: { 'rmigen/v1': `${one.fault}:${one.name}:${one.path}` },
        })),
      },
    ],
  };
}

function textOf(one: Finding): string {
  const text = `${messageOf(one)}.`;
  return one.note === undefined ? text : `${text} ${one.note}`;
}

function locationOf({ header }: Report, one: Finding): object {
  const span = spanOf(header, one);
  const start = positionOf(header, span.start);
  const end = positionOf(header, span.end);
  const uri = (header.shown ?? header.path).split('/').map(encodeURIComponent).join('/');
  return {
    artifactLocation: { uri },
    region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
  };
}
