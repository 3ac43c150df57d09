/**
 * Takes the place of `react` in the page: what its components use of it, on Preact. `preact/compat` has all of React, which
 * is 2 kB more before the first paint.
 */
import { type ComponentType, type VNode, createElement } from 'preact'
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks'

export { createContext, createElement } from 'preact'
export { useCallback, useContext, useEffect, useId, useMemo, useRef, useState } from 'preact/hooks'

/** A component that is drawn anew only when one of its properties is another. */
export function memo<P extends object>(Component: ComponentType<P>): (props: P) => VNode<P> {
  return function Memo(this: { props: P; shouldComponentUpdate?: (next: P) => boolean }, props: P): VNode<P> {
    this.shouldComponentUpdate = (next) => !isSame(this.props, next)
    return createElement(Component, props)
  }
}

function isSame(a: object, b: object): boolean {
  const [before, after] = [Object.entries(a), new Map(Object.entries(b))]
  return before.length === after.size && before.every(([name, value]) => Object.is(value, after.get(name)))
}

/** The value of a store outside, and a new drawing when it tells of another. */
export function useSyncExternalStore<T>(
  subscribe: (listener: () => void) => () => void,
  snapshot: () => T,
): T {
  const value = snapshot()
  const [, drawAnew] = useReducer<number, void>((count) => count + 1, 0)
  const drawn = useRef({ value, snapshot })
  const look = (): void => {
    if (!Object.is(drawn.current.value, drawn.current.snapshot())) drawAnew()
  }
  // It may have changed between drawing and here.
  useLayoutEffect(() => {
    drawn.current = { value, snapshot }
    look()
  }, [value, snapshot])
  useEffect(() => {
    look()
    return subscribe(look)
  }, [subscribe])
  return value
}
