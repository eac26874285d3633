import type { Report } from './audit.js';
import { ranks } from './finding.js';
import { positionOfFinding } from './place.js';

/** The report for machines. Lines and columns count from 1. */
export function reportToJson(report: Report): object {
  const { header, model, choice, claim, findings, judged } = report;
  return {
    ok: findings.every(({ rank }) => rank !== 'wrong'),
    header: header.shown ?? header.path,
    version: model.id,
    chosen: choice,
    ...(claim === undefined ? {} : { claim }),
    compared: judged,
    counts: Object.fromEntries(
      ranks.map((rank) => [rank, findings.filter((one) => one.rank === rank).length]),
    ),
    findings: findings.map((one) => {
      const { rank, fault, name, path, section, expected, found, match, note, follows } = one;
      return {
        rank,
        fault,
        name,
        ...positionOfFinding(header, one),
        specification: path,
        section,
        expected,
        found,
        ...(match === undefined ? {} : { match }),
        ...(note === undefined ? {} : { note }),
        ...(follows === undefined ? {} : { follows }),
      };
    }),
    unknown: report.strangers,
    notFollowed: report.left,
    absent: report.absent,
    notCompared: report.unmeasured,
  };
}
