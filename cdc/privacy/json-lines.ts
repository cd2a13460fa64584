// Lines of a JSON text, so that an error can name the place in a file that a person wrote.

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+|\n/g;

/** Line, from 1, on which each value begins, by its path: `tables.customers.columns`. The text must be JSON. */
export function jsonLines(text: string): Map<string, number> {
  const lines = new Map<string, number>([['', 1]]);
  const path: string[] = [];
  const inObject: boolean[] = [];
  let [line, key] = [1, true];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '\n') line += 1;
    else if (token === '{' || token === '[') {
      inObject.push(token === '{');
      path.push('0');
      key = token === '{';
      if (!key) lines.set(path.join('.'), line);
    } else if (token === '}' || token === ']') {
      inObject.pop();
      path.pop();
    } else if (token === ',') {
      key = inObject.at(-1) === true;
      if (key) continue;
      path.push(String(Number(path.pop()) + 1));
      lines.set(path.join('.'), line);
    } else if (token === ':') key = false;
    else if (key) {
      path[path.length - 1] = JSON.parse(token) as string;
      lines.set(path.join('.'), line);
      key = false;
    }
  }
  return lines;
}

/** The line that a message of JSON.parse speaks of. */
export function lineOfSyntaxError(text: string, message: string): number {
  const at = /position (\d+)/.exec(message)?.[1];
  return at === undefined ? text.split('\n').length : text.slice(0, Number(at)).split('\n').length;
}
