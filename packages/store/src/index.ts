export type { Change, Entry, Store } from './store.ts'
