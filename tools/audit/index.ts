export { audit, type Choice, type Edition, type Report, type Settings } from './audit.js';
export { type Compiler, files, type Run, type Surroundings } from './compiler.js';
export { type Fault, type Finding, type Rank, ranks } from './finding.js';
export { reportToJson } from './json.js';
export { limits } from './limits.js';
export { type Paint, renderReport } from './report.js';
export { reportToSarif } from './sarif.js';
export { Unreadable } from './source/header.js';
