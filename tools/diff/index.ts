export { compare, only } from './compare.js';
export { breaksOf, type Comparison } from './difference.js';
export { comparisonToJson } from './json.js';
export { comparisonToMarkdown } from './markdown.js';
export { type Paint, renderBreaks, renderComparison } from './report.js';
