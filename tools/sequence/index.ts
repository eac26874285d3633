export { escaped, mermaid } from './mermaid.js';
export { type HostCall, type Lane, limits, type Step, stepsOf } from './steps.js';
