export type * from './model.js';
export * from './types.js';
