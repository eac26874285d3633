export type * from './conditions.js';
export * from './constant.js';
export type * from './model.js';
export { placeOf } from './places.js';
export * from './types.js';
