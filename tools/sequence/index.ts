export { escaped, mermaid } from './mermaid.js';
export { limits, stepsOf } from './steps.js';
