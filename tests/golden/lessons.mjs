// What teachers' tools do with files: `lessons check`, `pack`, `unpack`, `record`. Yields [what, problem or null].
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const lesson = JSON.stringify({ start: { scenario: 'empty', workers: 1 }, steps: [{ id: 's', view: 'dns', highlight: 'view/dns/name' }] });
const text = '<!-- title -->\nT\n<!-- s.title -->\nS\n<!-- s.body -->\nB\n';

export function* lessonTools(program) {
  const work = mkdtempSync(join(tmpdir(), 'kubewalk-lessons-'));
  const at = (...path) => join(work, ...path);
  const run = (...words) => {
    const { status, stdout, stderr } = spawnSync(program, ['--scenario', 'empty', '--nodes', '1', 'lessons', ...words], { encoding: 'utf8', cwd: work });
    return { status, said: stdout + stderr };
  };
  const wants = ({ status, said }, exit, part) => (status === exit && said.includes(part) ? null : `exit ${status} instead of ${exit}, or no ${JSON.stringify(part)}: ${said}`);
  const tree = (folder) => (existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String).sort().join(' ') : 'nothing');
  const same = (found, wanted) => (found === wanted ? null : `${found} instead of ${wanted}`);
  try {
    mkdirSync(at('mine', 'one'), { recursive: true });
    writeFileSync(at('mine', 'one', 'lesson.json'), lesson);
    writeFileSync(at('mine', 'one', 'text.en.md'), text);
    writeFileSync(at('mine', 'one', 'notes.txt'), 'not for learners');

    mkdirSync(at('points', 'x'), { recursive: true });
    writeFileSync(at('points', 'x', 'lesson.json'), lesson.replace('dns/name', 'dns/nmae'));
    writeFileSync(at('points', 'x', 'text.en.md'), text);
    yield ['check: a highlight that is nowhere', wants(run('check', 'points'), 1, 'there is no widget "view/dns/nmae"; perhaps it is view/dns/name')];

    yield ['pack', wants(run('pack', 'mine', 'mine.json'), 0, '1 lessons')];
    yield ['unpack', wants(run('unpack', 'mine.json', 'again/there'), 0, '1 lessons, 2 files')];
    yield ['unpack: what was packed', same(tree(at('again', 'there')), 'one one/lesson.json one/text.en.md')];
    yield ['unpack: word for word', same(readFileSync(at('again', 'there', 'one', 'text.en.md'), 'utf8'), text)];
    writeFileSync(at('again', 'there', 'one', 'text.en.md'), 'mine');
    rmSync(at('again', 'there', 'one', 'lesson.json'));
    yield ['unpack: does not write over', wants(run('unpack', 'mine.json', 'again/there'), 1, 'text.en.md is there already')];
    yield ['unpack: then writes nothing', same(tree(at('again', 'there')), 'one one/text.en.md')];
    yield ['unpack --force', wants(run('unpack', '--force', 'mine.json', 'again/there'), 0, '2 files')];
    yield ['unpack --force: written over', same(readFileSync(at('again', 'there', 'one', 'text.en.md'), 'utf8'), text)];

    mkdirSync(at('elsewhere'));
    mkdirSync(at('trap'));
    symlinkSync(at('elsewhere'), at('trap', 'one'));
    yield ['unpack: no link out of the folder', wants(run('unpack', '--force', 'mine.json', 'trap'), 1, 'trap/one is there already and no folder')];
    yield ['unpack: nothing elsewhere', same(tree(at('elsewhere')), '')];

    const pack = JSON.parse(readFileSync(at('mine.json'), 'utf8'));
    const hostile = {
      'a way out': { ...pack, lessons: { ...pack.lessons, '../out': pack.lessons.one } },
      'an absolute way': { ...pack, lessons: { ...pack.lessons, '/out': pack.lessons.one } },
      'a file elsewhere': { ...pack, lessons: { one: { ...pack.lessons.one, '../../out.txt': 'x' } } },
      'a file that is none of a lesson': { ...pack, lessons: { one: { ...pack.lessons.one, 'run.sh': 'x' } } },
      'no text': { ...pack, lessons: { one: { 'lesson.json': [] } } },
      'a broken lesson': { ...pack, lessons: { ...pack.lessons, two: { 'lesson.json': '{' } } },
    };
    const before = tree(work);
    for (const [what, content] of Object.entries(hostile)) {
      writeFileSync(at('bad.json'), JSON.stringify(content));
      yield [`unpack: ${what} is refused`, wants(run('unpack', 'bad.json', 'out'), 1, 'kubewalk: bad.json: ')];
    }
    for (const [what, content] of [['broken JSON', '{"kubewalk": "lessons", '], ['depth', '['.repeat(200_000)], ['size', `"${'x'.repeat(5 << 20)}"`]]) {
      writeFileSync(at('bad.json'), content);
      yield [`unpack: ${what} is refused`, wants(run('unpack', 'bad.json', 'out'), 1, 'kubewalk: bad.json: ')];
    }
    rmSync(at('bad.json'));
    yield ['unpack: no file', wants(run('unpack', 'bad.json', 'out'), 1, 'kubewalk: bad.json: ')];
    yield ['unpack: nothing was written', same(tree(work), before)];

    writeFileSync(at('script.txt'), 'kubectl create configmap notes\n');
    yield ['record', wants(run('record', 'script.txt', 'recorded'), 0, 'recorded: written')];
    writeFileSync(at('recorded', 'text.en.md'), 'my words');
    yield ['record: does not write over', wants(run('record', 'script.txt', 'recorded'), 1, 'recorded/lesson.json is there already; choose another folder, or write over it with --force')];
    yield ['record: the words are still there', same(readFileSync(at('recorded', 'text.en.md'), 'utf8'), 'my words')];
    rmSync(at('recorded', 'lesson.json'));
    yield ['record: words alone are kept, too', wants(run('record', 'script.txt', 'recorded'), 1, 'recorded/text.en.md is there already')];
    yield ['record --force', wants(run('record', 'script.txt', 'recorded', '--force'), 0, 'recorded: written')];
    yield ['check: no --force', wants(run('check', '--force', 'recorded'), 2, 'usage: ')];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
