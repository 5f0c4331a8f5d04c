"""256 plain words in two languages, aligned: the byte n is the n-th word in either (security.md G01)."""

from __future__ import annotations

from typing import Final

_PAIRS: Final = """
apple manzana; arm brazo; bag bolsa; ball pelota; banana plátano; bank banco; basket cesta; bath baño; beach playa;
bean frijol; bear oso; bed cama; bee abeja; bell campana; belt cinturón; bench banca; bird pájaro; blanket manta;
blue azul; boat barco; bone hueso; book libro; boot bota; bottle botella; bowl tazón; box caja; boy niño;
branch rama; bread pan; bridge puente; broom escoba; brother hermano; brush cepillo; bucket cubeta;
butter mantequilla; button botón; cabin cabaña; cake pastel; calendar calendario; camel camello; camera cámara;
candle vela; car coche; card tarjeta; carpet alfombra; carrot zanahoria; castle castillo; cat gato; cave cueva;
chain cadena; chair silla; cheese queso; cherry cereza; chicken pollo; chocolate chocolate; church iglesia;
circle círculo; city ciudad; clock reloj; cloud nube; coat abrigo; coffee café; coin moneda; color color;
comb peine; cook cocinero; corn maíz; cotton algodón; cousin primo; cow vaca; crown corona; cup taza;
curtain cortina; dance baile; day día; deer venado; desert desierto; desk escritorio; doctor médico; dog perro;
doll muñeca; dolphin delfín; door puerta; dream sueño; dress vestido; drum tambor; duck pato; eagle águila;
ear oreja; earth tierra; egg huevo; elephant elefante; engine motor; eye ojo; face cara; farm granja; father padre;
feather pluma; fence cerca; field campo; finger dedo; fire fuego; fish pez; flag bandera; floor piso; flour harina;
flower flor; flute flauta; foot pie; forest bosque; fork tenedor; fox zorro; friend amigo; frog rana; fruit fruta;
game juego; garden jardín; garlic ajo; gate portón; ghost fantasma; gift regalo; giraffe jirafa; girl niña;
glass vidrio; glove guante; goat cabra; gold oro; goose ganso; grape uva; grass pasto; green verde;
guitar guitarra; hair cabello; hammer martillo; hand mano; hat sombrero; heart corazón; hen gallina; hill colina;
honey miel; horse caballo; hospital hospital; hotel hotel; house casa; ice hielo; iron hierro; island isla;
jacket chaqueta; jar frasco; judge juez; juice jugo; jungle selva; key llave; king rey; kitchen cocina;
kite cometa; knee rodilla; knife cuchillo; lake lago; lamp lámpara; leaf hoja; leg pierna; lemon limón;
letter carta; library biblioteca; light luz; lion león; lip labio; map mapa; market mercado; meat carne;
medal medalla; melon melón; milk leche; mirror espejo; money dinero; monkey mono; month mes; moon luna;
mother madre; mountain montaña; mouse ratón; mouth boca; museum museo; music música; nail uña; neck cuello;
nest nido; night noche; nose nariz; number número; nurse enfermera; oak roble; ocean océano; oil aceite;
olive aceituna; onion cebolla; orange naranja; oven horno; owl búho; page página; paint pintura; palace palacio;
paper papel; park parque; party fiesta; path camino; pear pera; pen bolígrafo; pencil lápiz; pepper pimienta;
piano piano; picture retrato; pig cerdo; pillow almohada; pine pino; pipe tubo; plate plato; pocket bolsillo;
poem poema; potato papa; prince príncipe; pumpkin calabaza; queen reina; rabbit conejo; radio radio; rain lluvia;
red rojo; rice arroz; ring anillo; river río; road carretera; robot robot; roof techo; room cuarto; root raíz;
rope cuerda; rose rosa; ruler regla; salad ensalada; salt sal; sand arena; school escuela; scissors tijeras;
sea mar; seed semilla; shadow sombra; sheep oveja; shell concha; ship buque; shirt camisa; shoe zapato;
shop tienda; shoulder hombro; silver plata; sister hermana
"""
WORDS: Final[tuple[tuple[str, str], ...]] = tuple(
    (pair.split()[0], pair.split()[1]) for pair in _PAIRS.replace("\n", " ").split(";"))
"""(English, Spanish) for each byte."""


Words = tuple[tuple[str, str], ...]
"""Words that two people compare, (English, Spanish) each."""


def spell(digest: bytes) -> Words:
    """(English, Spanish) for each byte of ``digest``."""
    return tuple(WORDS[byte] for byte in digest)
