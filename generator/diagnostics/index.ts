export { type Code, catalogue, type ParametersOf } from './catalogue.js';
export { type Diagnostic, Diagnostics, diagnostic, type Extra, type Related } from './diagnostic.js';
export {
  diagnosticToJson,
  harmless,
  type Paint,
  type Rendered,
  renderDiagnostic,
  renderDiagnostics,
  visible,
} from './render.js';
export {
  fileSpan,
  lineText,
  type Position,
  positionOf,
  type SourceFile,
  type Span,
  within,
} from './source.js';
export { nearest } from './suggest.js';
