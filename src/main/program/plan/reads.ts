import { type Act, type Plan, type Sock } from './plan'

/** Whether a later act reads what comes: otherwise a program that says that it reads again has to do so by itself. */
export function isReadLater({ acts }: Plan, act: Act & { readonly sock: Sock }): boolean {
  return acts
    .slice(acts.indexOf(act) + 1)
    .some(
      (each) =>
        (each.do === 'read' || each.do === 'readDatagram' || each.do === 'end' || each.do === 'silence') &&
        each.sock === act.sock,
    )
}
