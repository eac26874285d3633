/** Told of what happens on a machine, in the order in which it happens. */
export interface MachineObserver {
  /** After an SMC of the Host: X0 to X16 as they were, and as they are. */
  called(given: BigUint64Array, returned: BigUint64Array): void;
  /** After a read of physical memory. `bytes` are only good for the duration of the call. */
  read(address: number, bytes: Uint8Array): void;
  /** After a write to physical memory. `bytes` are only good for the duration of the call. */
  wrote(address: number, bytes: Uint8Array): void;
}
