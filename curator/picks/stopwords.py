"""Words that do not tell what a text is about: grammar, the small talk of conversations, the trade's own words."""

from typing import Final


def _each(words: str) -> frozenset[str]:
    return frozenset(words.split())


_GRAMMAR: Final = """
a able about above across after again against ago agree agreed agrees all almost along already also although always am
among an and another answered answers any anybody anyone anything anyway are aren't around as aside ask asked asking
asks at away back be became because become been before began begin begun behind being below beside best better between
beyond big billion both bring brings brought but buy buys by came can can't cannot carries carry changed changes come
comes coming cost costs could couldn't day days did didn't different do does doesn't doing don't done double down
dozen during each early eight either eleven else end enough especially etc even ever every everybody everyone
everything exactly far few fifty find finds first for forty found from full further gave get gets getting give given
gives go goes going gone good got great had half hard has hasn't have haven't having he help her here here's hers
herself high him himself his how however hundred i i'd i'll i'm i've if important in indeed inside instead into is
isn't it it'll it's its itself just keep keeps kept kind know known large last late later latest learn learned learns
least leave leaves left less let let's like likely little long longer look looked looks lot lots low made main make
makes making man many may maybe me mean means men might million mine more most mostly much must my myself name named
names near nearly need needs neither never new next nine no nobody none nor not note notes nothing now of off often oh
ok okay old on once one ones only onto open or other others otherwise our ours out over own paid part past pays people
per perhaps person place possible put quite rather read really right rule rules run said same saw say saying says see
seem seems seen set seven several shall she she's should show showed shown shows side since sixty small so some
somebody somehow someone something sometimes somewhere soon sort spend spent stayed stays still stop stopped stops
stuff such take taken takes tell tells than thank thanks that that'll that's the their theirs them themselves then
there there's these they they'd they'll they're they've thing things think thirty this those though thought thousand
three through thus time times to today together told tomorrow too took toward try trying turn turned turns twelve
twenty two under until up upon us use used useful user uses using usually very via want wanted wants was wasn't way
ways we we'd we'll we're we've week weeks well went were weren't what what's whatever when where whether which while
who who's whole whom whose why will with within without woman women won't work worked working works would wouldn't
written wrote year years yes yet you you'd you'll you're you've your yours yourself zero
"""
_SMALL_TALK: Final = """
absolutely actually ah alright answer basically bit call called certainly change cool course definitely everybody's
feel felt five four fun funny gonna gotta guess guys happen happened happens happy hear heard hello hey hi hmm
honestly hope hour hours huge idea interested interesting laughing laughs literally love maybe mentioned minute
minutes moment month months nice obviously point pretty probably question questions real reason remember six sorry
start started story super sure talk talked talking talks ten thinking totally true uh um understand wanna week welcome
wonder wow yeah yep
"""
_TRADE: Final = """
article blog chapter com email episode episodes guest guests host hosts html http https interview issue link links
listen listener listeners net newsletter org page podcast podcasts post posts read reader readers reading review
series show site sponsor subscribe topic transcript video website write written www
"""
_OTHERS: Final = """
aber al als ao as au auch auf aus aux avec bei bis ce ces cette che come comment como con dans das dass de degli dei
del della dello dem den der des die dos du durch ein eine einem einen einer eines el em en es est et für gli ihr il im
ins ist la las le les lo los mais mehr mit más nach ne nel nella nicht noch non nur não o oder os ou par para pas per
pero più plus por pour que qui qué sans sich sie sin sind son sont sur um uma un una unas und une uno unos vom von war
wer werden wie wir wird y zu zum zur über а бы в вы для же за и из или к как мы на не но о они от по с у что это أن أو
إلى التي الذي بعد بين ثم حول على عن غير في قبل قد كان كل كيف لا لم لن ما مع من هذا هذه هل هو هي
denn diese diesem diesen dieser dieses doch drei euch fast ganz gegen habe haben hat hatte ich ihm ihn ihnen ihre ihren
ihrer immer jede jedem jeden jeder jetzt kann kein keine keinen keiner können mein meine meinen meiner muss müssen
nichts nie niemand ohne schon sehr sein seine seinen seiner selbst soll sondern trotzdem uns unser unsere unter viel
viele vor waren warum weil welche welcher wenn wieder wo zwei zwischen
alors aussi celle celui chez deux donc elle elles encore entre ils leur leurs même moins notre nous peut quand sa ses
sous très trois tout toute tous votre vous
cada cuando desde donde ella ellos este esta esto hasta hay muy nada nos otro porque quien ser sobre sólo su sus también
tiene todo todos tres ya
anche ancora cosa cui dopo dove due era essere fra hanno loro lui molto noi ogni perché poi prima quando quasi quel
quella questa questo sempre senza suo sua tre tutti tutto
ainda até com depois dois duas ela ele eles essa esse foi isso já muito nem pela pelo quem são se sem seu tem três tudo
без був була було бути вже від він вона вони все всі дві два до ж є з зі і й її їх із його коли ми між навіть нам нас
перед під після про та так там те ти то того тоді тому три тут хто це цей ці ця чи чому ще що щоб яка який які якій яку
будет был была были было его если ещё их может нет ни она они оно так также там то только тот уже чтобы эта эти
"""
STOP: Final = _each(_GRAMMAR) | _each(_SMALL_TALK) | _each(_TRADE) | _each(_OTHERS)
