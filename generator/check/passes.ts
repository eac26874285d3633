import type { Diagnostic } from '../diagnostics/index.js';
import type { Model } from '../model/index.js';
import { abstractTypes } from './abstract-types.js';
import { commandRegisters } from './command-registers.js';
import { enumerationValues } from './enumeration-values.js';
import { fieldsetBits } from './fieldset-bits.js';
import { functionIdentifiers } from './function-identifiers.js';
import { registerUses } from './register-uses.js';
import { structBytes } from './struct-bytes.js';

interface Pass {
  readonly name: string;
  readonly run: (model: Model) => Iterable<Diagnostic>;
}

/** What a model must satisfy, one question after the other. Each pass looks at the whole model and changes nothing. */
export const passes: readonly Pass[] = [
  { name: 'abstract types stay out of layouts', run: abstractTypes },
  { name: 'enumeration values fit and every encoding is accounted for', run: enumerationValues },
  { name: 'every bit of a fieldset is a field or reserved', run: fieldsetBits },
  { name: 'every byte of a struct is a member or unused', run: structBytes },
  { name: 'values that hold a register have its width', run: registerUses },
  { name: 'function identifiers are unique and in range', run: functionIdentifiers },
  { name: 'command values fit their registers', run: commandRegisters },
];
