export { audit, type Edition, type Report } from './audit.js';
export { type Compiler, files, type Run, type Surroundings } from './compiler.js';
export type { Fault, Finding, Rank } from './finding.js';
export { reportToJson } from './json.js';
export { limits } from './limits.js';
export { renderReport } from './report.js';
export { reportToSarif } from './sarif.js';
export { Unreadable } from './source/header.js';
