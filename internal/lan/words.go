package lan

import "strings"

// The lists are in the alphabet's order and never change: a joiner of an older version must know the words of a newer
// host. Within a list no two words are one letter apart or begin with the same four, and no word is in two lists.
var (
	adjectives = strings.Fields(`
agile airy alpine ancient apt arctic artful autumn azure balmy beaming bold bonny bouncy brave brief bright bubbly
busy candid careful casual charming cheerful chief chilly chubby civil classic clear cobalt cool coral cordial cosy
crimson crisp crunchy crystal curious curly cute dainty dapper daring dashing deft dense devoted digital direct
distant dotted dreamy dusty eager earnest easy electric emerald endless equal exact expert fabled fair faithful famous
fancy fast first fizzy fleet floral fluent fluffy flying formal frank fresh friendly frosty frugal gallant gentle
gifted glad glossy golden graceful grand green gritty groovy growing happy hearty hidden high hollow humming ideal
jaunty jovial joyful jumbo jumpy keen kindred knowing large lasting lavender lawful learned level light lilac limber
lively local lofty logical long lucid lucky lunar magic magnetic maple marble marine mellow merry mighty minty modern
moonlit mossy mystic native natural nimble nordic northern novel nutty oceanic olive orderly patient peachy pearly
perky placid playful polite prime pristine prompt proper proud purple quaint quick radiant rapid ready regal rich
robust rolling round royal rugged rural rustic sandy satin secure serene shady shiny silken silver simple sincere
sleek smart smiling snappy snowy snug social sonic southern sparkly special speedy spicy spiral splendid spotted
sprightly square starry steady stellar sterling still strong stylish sublime subtle summer sunny super sweet swift
tangy tender thankful thorough tidy timely tranquil tropical trusty ultra unique urban useful valiant verdant vibrant
violet vital vivid warm wavy western whole wild willing windy winged wise witty wooden woolly worthy young youthful
zany zesty zippy`)
	nouns = strings.Fields(`
acorn albatross almond anchor antelope apricot armadillo aspen aurora bamboo banjo basil beacon bear beaver beetle
begonia birch bison blossom bobcat boulder bramble breeze brook buffalo butterfly camel canary canyon carp cashew
cedar cello cheetah cherry chestnut chipmunk cicada cobra comet condor cormorant cougar crane crocus crow cuckoo
cypress daffodil dahlia daisy deer delta desert dolphin donkey dove dragonfly dune eagle echo eel egret elephant elm
ember emu fennel fern ferret fiddle fjord flamingo flounder forest fossil frog galaxy gazelle gecko geyser gibbon
ginger glacier goat goldfish goose gopher gorilla grouse guitar gull harbor hare hazel hedgehog heron hickory hill
hippo horse hyacinth ibex ibis island ivy jackal jaguar jasmine kangaroo kestrel kiwi lagoon lantern lark laurel
lemming lemur lily limpet linden lion llama lotus lynx magnolia magpie mallard mammoth manatee mandolin mango marmot
marten meadow meerkat meteor mink mole mongoose monsoon moth mountain mustang narwhal nebula nettle newt nutmeg oak
oasis ocelot octopus opal orchid oriole osprey ostrich otter owl panda panther papaya parsley peacock pecan pelican
penguin peony petrel pheasant piano pigeon pine planet plover poplar poppy porcupine possum prairie puffin puma python
quail quartz rabbit raccoon rainbow raven reed reindeer rhino ridge river robin rooster rosemary saffron salmon
sandpiper sardine savanna seahorse seal sequoia shark sheep shrew shrimp skylark sloth snail sparrow spider spruce
squirrel starfish sunflower swallow swan sycamore tamarin tapir tarpon thistle thrush thunder tiger toad tortoise
trout tulip tuna tundra turkey turtle valley vicuna viola volcano walnut walrus warbler waterfall weasel wheat willow
wolf wombat wren yarrow zebra zephyr zinnia`)
	// spoken are what the two people compare: byte b of the code is spoken[b].
	spoken = strings.Fields(`
almanac ankle apple arch attic avenue bagel bakery balloon barrel basket beach bell bicycle biscuit blanket board
bonnet bottle branch bread brick bronze bucket butter cabin cake camera candle canoe canvas captain cathedral ceiling
celery chalk cheese chocolate circle clay clock cloud coach coconut coffee coin compass concert cookie copper corner
cotton cradle crayon cup curtain cushion dagger dance daylight denim desk diamond dinner domino door dough drawer drum
elbow elevator engine envelope eraser evening factory farmer fence festival field fire flag flour flower friday fruit
garage garden garlic giant glass glove grape guide hallway hammer harvest helmet honey hotel igloo insect jacket jelly
jewel jigsaw jug kayak ketchup kitchen knee knight lamp lawn leather lecture lemon letter library lime locket lunch
machine mailbox manor map market melody metal mirror monday moon motor mushroom napkin necklace needle newspaper
noodle number oatmeal ocean onion opera orchard oven package paint pajama palace pancake paper parade parcel pasta
peanut pencil pepper picnic pilot pirate pizza plate plaza poem pond potato powder prince puddle pumpkin puppet puzzle
pyramid queen quilt radio railway recipe ring roof rope saddle salad saturday sauce scarf school scissors scooter shoe
shovel shower signal sled slipper soap sofa spoon stadium stamp station stone story street suitcase sunday sweater
swing table tailor tea teacher temple tennis tent thimble thread ticket toast tomato tower tractor train treasure
trumpet tunnel turnip twig umbrella uncle uniform vacuum vanilla village vinegar violin visitor voyage waffle wagon
wallet water wedding weekend wheel window wizard wood writer yacht yard yogurt zero zigzag zipper`)
)
