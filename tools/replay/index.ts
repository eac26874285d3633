export { LimitExceeded, limits } from './limits.js';
export { LineParser, parseHeader, type TraceProblem } from './parse.js';
export { auxCountOf, Replay, type ReplaySettings } from './replay.js';
export { countRows, type Paint, renderFinding, Tally, tallyToJson } from './report.js';
