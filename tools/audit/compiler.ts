/** What came of one run of the compiler. */
export interface Run {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it was ended before it was done: a limit of time, memory or output. */
  readonly stopped?: string;
}

/** What the preprocessor is given besides the header. */
export interface Surroundings {
  /** Read before the header. */
  readonly shim: string;
  /** Headers that no folder has, as `#include` names them: each stands for an empty file. */
  readonly absent: readonly string[];
}

/** The names of the files in the preprocessor's output and in what the compiler says. */
export const files = {
  header: 'rmigen-audited.h',
  shim: 'rmigen-shim.h',
  probe: 'rmigen-probe.c',
  /** The folder of headers that are taken as empty. */
  absent: 'absent',
} as const;

/**
 * The C compiler as the audit needs it: it gives text for text. It makes assembly of C and nothing more; nothing
 * that the header says is assembled, linked or run.
 */
export interface Compiler {
  /** Whether a folder of the user's has a header, as `#include` names it. */
  has(include: string): boolean;
  /** Whether a file that the preprocessor names lies in one of these folders. */
  owns(path: string): boolean;
  /** `cc -E -dD`: the header with all that it includes, its macros as `#define` lines where they stand. */
  preprocess(header: string, surroundings: Surroundings): Promise<Run>;
  /**
   * `cc -S`: the assembly of a translation unit.
   *
   * @param folds Whether constant variables are to be taken as constants, which costs time.
   */
  compile(source: string, folds: boolean): Promise<Run>;
}
