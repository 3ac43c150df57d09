import { NEVER, type OperatorFunction, buffer } from 'rxjs'

/** All that comes, once nothing more does: as `toArray` of RxJS, out of what is in each bundle already. */
export const inOneArray = <T>(): OperatorFunction<T, T[]> => buffer<T>(NEVER)
