/** Commands that follow the results from cut to cut, as the page and `docs/deltas.md` show them. */

/** Each step's commands, in order, for a shell; `site` is the tree's address with its slash. */
export function followingCommands(site: string): string[] {
  return [
    `site=${site}
curl -fsS --etag-compare tag --etag-save tag -o current.json \${site}current.json
cut=$(jq .cut current.json)`,
    `last=$(cat last 2>/dev/null || echo -1)
for n in $(seq $((last + 1)) $cut); do
  curl -fsS -o $n.json \${site}cuts/$n.json
  [ $n = 0 ] || echo "$(jq -r .previous $n.json)  $((n - 1)).json" | sha256sum -c
done
echo "$(jq -r .manifest.sha256 current.json)  $cut.json" | sha256sum -c`,
    `touch leaves
held=$(wc -l < leaves) size=$(jq '.leaf + 1' $cut.json)
[ $held -ge $size ] || for n in $(seq $((held / 256)) $(((size - 1) / 256))); do
  tile=$(printf %012d $n | sed -E 's/(...)(...)(...)/x\\1\\/x\\2\\/x\\3\\//; s/^(x000\\/)*//')
  width=$((size - 256 * n))
  curl -fsS --compressed -o bundle \${site}tile/entries/$tile$([ $width -ge 256 ] || echo .p/$width)
  perl -0777 -ne 'print "$_\\n" for unpack "(n/a*)*"' bundle |
    tail -n +$(($(wc -l < leaves) % 256 + 1)) >> leaves
done
perl -MDigest::SHA=sha256 -MMIME::Base64 -ne 'chomp; $h = sha256("\\0$_");
  for ($n = $i++; $n & 1; $n >>= 1) { $h = sha256("\\1" . pop(@s) . $h) } push @s, $h;
  END { $h = pop @s; $h = sha256("\\1" . pop(@s) . $h) while @s; print encode_base64($h) }' leaves > root
curl -fsS \${site}cuts/$cut.note | sed -n 3p | cmp - root
tail -n +$((held + 1)) leaves | jq -r 'select(.[0] == "acta")
  | [.[2], .[3], .[4], (.[8] | map(numbers) | add // 0)] | @csv' > new.csv
echo $cut > last`,
    `curl -fsS -o where.json \${site}cuts/$cut.where
set -- $(jq -r '.contests[0] | .id, .results' $cut.json)
echo $2 > results
set -- $(jq -r --arg id "$1" '.roots[$id][]' where.json)
curl -fsS -r $2-$(($2 + $3 - 1)) \${site}packs/$1.pack | tail -n +2 > results.json
perl -MDigest::SHA=sha256_base64 -0777 -ne 'print sha256_base64($_) =~ tr{+/}{-_}r, "\\n"' results.json | cmp - results
jq '.votes, .places' results.json`,
  ];
}
