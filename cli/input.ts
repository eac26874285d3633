import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { exit, Failure, type Io, reason, visible } from './io.js';

/** A regular file that is named on the command line, as bytes; at most `limit` of them. */
export function readInput(path: string, name: string, limit: number, code: number = exit.usage): Buffer {
  const refuse = (why: string): never => {
    throw new Failure(`${visible(name)} cannot be read: ${why}`, undefined, code);
  };
  let handle: number | undefined;
  try {
    // Without blocking, or a named pipe would be waited for.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(handle);
    if (!stat.isFile()) return refuse(stat.isDirectory() ? 'it is a folder' : 'it is a device or pipe');
    if (stat.size > limit) return refuse(`it has ${stat.size} bytes; the limit is ${limit}`);
    const bytes = Buffer.alloc(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(handle, bytes, length, bytes.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof Failure) throw error;
    return refuse(reason(error));
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Standard input up to its end; at most `limit` bytes. */
export async function readStandardInput(io: Io, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of io.stdin) {
    length += chunk.length;
    if (length > limit)
      throw new Failure(`standard input has more than ${limit} bytes`, undefined, exit.usage);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What a file, or for `-` standard input, holds; at most `limit` bytes. */
export async function readFileOrInput(name: string, io: Io, limit: number): Promise<Uint8Array> {
  return name === '-' ? readStandardInput(io, limit) : readInput(resolve(io.cwd, name), name, limit);
}
