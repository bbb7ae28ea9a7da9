type Props = Record<string, unknown>;

/** Returns the properties of both. Where both listen to an event, both are called, `outer` first. */
export function mergeProps(outer: Props, inner: Props): Props {
  const merged = { ...outer, ...inner };
  for (const [name, first] of Object.entries(outer)) {
    const second = inner[name];
    if (second === undefined) merged[name] = first;
    else if (typeof first === 'function' && typeof second === 'function')
      merged[name] = (event: Event) => {
        first(event);
        second(event);
      };
  }
  return merged;
}
