import { describe, expect, it } from 'vitest';
import { splitStatements } from './split-statements.ts';

describe('splitting a migration', () => {
  it('ends a statement at the delimiter at the end of a line', () => {
    expect(splitStatements('SELECT 1;\nSELECT\n 2;\n')).toEqual(['SELECT 1', 'SELECT\n 2']);
  });

  it('drops comment lines between statements and keeps those inside', () => {
    expect(splitStatements('-- a;\nSELECT 1 -- b\n-- c\n + 1;')).toEqual(['SELECT 1 -- b\n-- c\n + 1']);
  });

  it('keeps a trigger body whole under another delimiter', () => {
    const body = 'CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW\nBEGIN\n  SET NEW.a = 1;\nEND';
    expect(splitStatements(`DELIMITER $$\n${body}$$\nDELIMITER ;\nSELECT 1;`)).toEqual([body, 'SELECT 1']);
  });

  it('reads Windows line ends', () => {
    expect(splitStatements('SELECT 1;\r\nSELECT 2;\r\n')).toEqual(['SELECT 1', 'SELECT 2']);
  });

  it('refuses a last statement without an end', () => {
    expect(() => splitStatements('SELECT 1;\nSELECT 2')).toThrow('does not end with ;');
  });
});
