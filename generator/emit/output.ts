/** A generated file: its path below the output folder, with forward slashes, and its text. */
export interface OutputFile {
  readonly path: string;
  readonly text: string;
}
